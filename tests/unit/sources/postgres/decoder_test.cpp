#include "sources/postgres/decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "lab.hpp"

namespace rowferry::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string kTrue("\x01", 1);
const std::string kFalse("\0", 1);

class PostgresDecoder : public testing::Test {
 protected:
  Decoder decoder(Purpose purpose = Purpose::increment, bool with_ctid = false,
                  bool unchecked = false) {
    Projection projection = lab_.projection(purpose, with_ctid);
    batch_.clear(projection.schema);
    return Decoder(std::move(projection), unchecked);
  }

  void expect_refused(Decoder& decoder, std::string_view tuple) {
    batch_.clear(decoder.projection().schema);
    try {
      decoder.append(tuple, batch_);
      ADD_FAILURE() << "accepted " << tuple.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.failure(), Failure::internal);
    }
  }

  Lab lab_;
  Batch batch_;
};

TEST_F(PostgresDecoder, PointsIntoTheTuple) {
  Decoder decoder = this->decoder();
  decoder.append(make_tuple({int64_bytes(7), "Alien", int64_bytes(0)}), batch_);
  decoder.append(make_tuple({int64_bytes(8), std::nullopt, int64_bytes(1'000'000)}), batch_);
  ASSERT_EQ(batch_.rows(), 2u);
  EXPECT_EQ(batch_.value(0, 1), "Alien");
  EXPECT_TRUE(batch_.cell(1, 1).is_null());
  EXPECT_EQ(batch_.operation(1), Operation::upsert);
  EXPECT_THAT(decoder.last_key(batch_), ElementsAre("8"));
  EXPECT_EQ(decoder.last_cursor(batch_), "2000-01-01 00:00:01+00");
}

TEST_F(PostgresDecoder, TellsACursorThatIsNull) {
  Decoder decoder = this->decoder();
  decoder.append(make_tuple({int64_bytes(7), "a", std::nullopt}), batch_);
  EXPECT_FALSE(decoder.last_cursor(batch_));
}

TEST_F(PostgresDecoder, KeepsTheKeyOfARowThatIsRemoved) {
  lab_.settings.where = "true";
  Decoder decoder = this->decoder();
  decoder.append(make_tuple({kTrue, int64_bytes(7), "Alien", int64_bytes(0)}), batch_);
  decoder.append(make_tuple({kFalse, int64_bytes(8), "Aliens", int64_bytes(0)}), batch_);
  EXPECT_EQ(batch_.operation(0), Operation::remove);
  EXPECT_EQ(batch_.value(0, 0), int64_bytes(7));
  EXPECT_TRUE(batch_.cell(0, 1).is_null());
  EXPECT_EQ(batch_.operation(1), Operation::upsert);
  EXPECT_EQ(batch_.value(1, 1), "Aliens");
}

TEST_F(PostgresDecoder, ReadsWhereTheRowLies) {
  Decoder decoder = this->decoder(Purpose::copy, true);
  decoder.append(make_tuple({tid_bytes(0xfffffffe, 291), int64_bytes(7), "a", int64_bytes(0)}),
                 batch_);
  EXPECT_EQ(decoder.last_tid(), (Tid{0xfffffffe, 291}));
}

TEST_F(PostgresDecoder, ReadsACursorThatIsNotSent) {
  lab_.settings.columns = {"title"};
  Decoder decoder = this->decoder();
  decoder.append(make_tuple({"a", int64_bytes(7), int64_bytes(0)}), batch_);
  EXPECT_EQ(decoder.last_cursor(batch_), "2000-01-01 00:00:00+00");
  EXPECT_EQ(batch_.columns(), 2u);
}

TEST_F(PostgresDecoder, RefusesTuplesThatAreCutOff) {
  Decoder decoder = this->decoder(Purpose::copy, true);
  const std::string tuple = make_tuple({tid_bytes(1, 2), int64_bytes(7), "Alien", int64_bytes(0)});
  for (std::size_t size = 0; size < tuple.size(); ++size) {
    // In memory of its own, so that a byte too far is found.
    const std::unique_ptr<char[]> cut(new char[size]);
    std::copy_n(tuple.data(), size, cut.get());
    expect_refused(decoder, std::string_view(cut.get(), size));
  }
  batch_.clear(decoder.projection().schema);
  decoder.append(tuple, batch_);
  EXPECT_EQ(batch_.rows(), 1u);
}

TEST_F(PostgresDecoder, RefusesTuplesOfAnotherForm) {
  Decoder decoder = this->decoder();
  const std::string tuple = make_tuple({int64_bytes(7), "Alien", int64_bytes(0)});
  expect_refused(decoder, tuple + "x");
  expect_refused(decoder, make_tuple({int64_bytes(7), "Alien"}));
  expect_refused(decoder, make_tuple({int64_bytes(7), "a", int64_bytes(0), "more"}));
  expect_refused(decoder, std::string("\xff\xff", 2));
  lab_.settings.where = "true";
  Decoder with_flag = this->decoder();
  expect_refused(with_flag, make_tuple({"", int64_bytes(7), "a", int64_bytes(0)}));
  Decoder with_tid = this->decoder(Purpose::copy, true);
  expect_refused(with_tid, make_tuple({"short", int64_bytes(7), "a", int64_bytes(0)}));
}

TEST_F(PostgresDecoder, RefusesARowThatIsTooLargeByItsKey) {
  lab_.settings.row_bytes_max = 100;
  Decoder decoder = this->decoder(Purpose::copy, true);
  decoder.append(
      make_tuple({tid_bytes(4, 5), int64_bytes(7), std::string(200, 'x'), int64_bytes(0)}), batch_);
  ASSERT_THAT(batch_.issues, SizeIs(1));
  EXPECT_EQ(batch_.issues[0].row, 0u);
  EXPECT_FALSE(batch_.issues[0].retry);
  EXPECT_THAT(batch_.issues[0].reason, HasSubstr("row_bytes_max"));
  EXPECT_EQ(batch_.value(0, 0), int64_bytes(7));
  EXPECT_TRUE(batch_.cell(0, 1).is_null());
  EXPECT_LT(batch_.bytes(), 100u);
  EXPECT_THAT(decoder.last_key(batch_), ElementsAre("7"));
  EXPECT_EQ(decoder.last_cursor(batch_), "2000-01-01 00:00:00+00");
  EXPECT_EQ(decoder.last_tid(), (Tid{4, 5}));
}

TEST_F(PostgresDecoder, RemovesARowThatIsTooLarge) {
  lab_.settings.row_bytes_max = 100;
  lab_.settings.where = "true";
  Decoder decoder = this->decoder();
  decoder.append(make_tuple({kTrue, int64_bytes(7), std::string(200, 'x'), int64_bytes(0)}),
                 batch_);
  EXPECT_THAT(batch_.issues, SizeIs(0));
  EXPECT_EQ(batch_.operation(0), Operation::remove);
}

TEST_F(PostgresDecoder, ChecksTextThatTheServerDoesNot) {
  Decoder checked = this->decoder(Purpose::increment, false, true);
  checked.append(make_tuple({int64_bytes(7), "caf\xc3\xa9", int64_bytes(0)}), batch_);
  EXPECT_THAT(batch_.issues, SizeIs(0));
  checked.append(make_tuple({int64_bytes(8), "caf\xe9", int64_bytes(0)}), batch_);
  ASSERT_THAT(batch_.issues, SizeIs(1));
  EXPECT_EQ(batch_.issues[0].row, 1u);
  EXPECT_THAT(batch_.issues[0].reason, HasSubstr("UTF-8"));
}

TEST_F(PostgresDecoder, RefusesKeysThatNoPositionCanHold) {
  lab_.table.key = {"title"};
  Decoder decoder = this->decoder(Purpose::increment, false, true);
  decoder.append(make_tuple({int64_bytes(7), std::nullopt, int64_bytes(0)}), batch_);
  EXPECT_THROW(decoder.last_key(batch_), Error);
  decoder.append(make_tuple({int64_bytes(7), "caf\xe9", int64_bytes(0)}), batch_);
  EXPECT_THROW(decoder.last_key(batch_), Error);
}

}  // namespace
}  // namespace rowferry::postgres
