#include "sources/postgres/sent_window.hpp"

#include <gtest/gtest.h>

#include "lab.hpp"
#include "sources/postgres/decoder.hpp"

namespace rowferry::postgres {
namespace {

class SentWindows : public testing::Test {
 protected:
  /// Notes the row as the pass that goes on shows it.
  bool note(std::int64_t id, const std::string& title, bool removed = false) {
    lab_.settings.where = "true";
    Decoder decoder(lab_.projection(Purpose::increment, false), false);
    Batch batch;
    batch.clear(decoder.projection().schema);
    decoder.append(
        make_tuple({std::string(1, removed ? '\1' : '\0'), int64_bytes(id), title, int64_bytes(0)}),
        batch);
    return window_.note(batch, 0);
  }

  void next_pass() { window_.end_pass(); }

  Lab lab_;
  SentWindow window_;
};

TEST_F(SentWindows, KnowWhatTheLastPassHasSeen) {
  EXPECT_FALSE(note(1, "a"));
  EXPECT_FALSE(note(2, "a"));
  next_pass();
  EXPECT_TRUE(note(1, "a"));
  EXPECT_FALSE(note(2, "b"));
  EXPECT_FALSE(note(3, "a"));
  next_pass();
  EXPECT_TRUE(note(1, "a"));
  EXPECT_TRUE(note(2, "b"));
}

TEST_F(SentWindows, TellARemovedRowFromOneThatIsThere) {
  note(1, "a");
  next_pass();
  EXPECT_FALSE(note(1, "a", true));
  next_pass();
  EXPECT_TRUE(note(1, "z", true));
  EXPECT_FALSE(note(1, "a"));
}

TEST_F(SentWindows, ForgetWhatTheLastPassHasNotSeen) {
  note(1, "a");
  next_pass();
  next_pass();
  EXPECT_FALSE(note(1, "a"));
}

// It was sent as "b" in between.
TEST_F(SentWindows, SendARowThatIsWhatItWasAgain) {
  note(1, "a");
  next_pass();
  EXPECT_FALSE(note(1, "b"));
  EXPECT_FALSE(note(1, "a"));
  next_pass();
  EXPECT_TRUE(note(1, "a"));
}

TEST_F(SentWindows, ForgetEverythingWhenTold) {
  note(1, "a");
  next_pass();
  window_.clear();
  EXPECT_FALSE(note(1, "a"));
}

}  // namespace
}  // namespace rowferry::postgres
