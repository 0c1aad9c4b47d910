#include "objects/object_progress.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace rowferry {
namespace {

using Keys = std::vector<std::string>;

ObjectReceipt receipt_of(std::int64_t run_seq) {
  ObjectReceipt receipt;
  receipt.run_seq = run_seq;
  receipt.started = WallTime(std::chrono::seconds(1'770'091'506));
  receipt.folder = "movies/";
  return receipt;
}

ObjectProgress progress_of(ObjectReceipt receipt) {
  return {KeyTemplate::parse("{job}/{run_seq:06}/{part:04}"), "movies", "films",
          std::move(receipt)};
}

OpeningRun opening(std::int64_t run_seq, bool starts_over = false) {
  OpeningRun run;
  run.run_seq = run_seq;
  run.starts_over = starts_over;
  run.folder = "movies/";
  return run;
}

TEST(ObjectReceipt, GivesBackWhatItTook) {
  ObjectReceipt receipt = receipt_of(3);
  receipt.full = true;
  receipt.next_part = 9;
  receipt.objects = {{"a", 1, 2, "x", "y"}};
  receipt.intents = {"b", "c"};
  const ObjectReceipt back = decode_receipt(encode_receipt(receipt));
  EXPECT_EQ(back.run_seq, 3);
  EXPECT_TRUE(back.full);
  EXPECT_EQ(back.started, receipt.started);
  EXPECT_EQ(back.next_part, 9);
  EXPECT_EQ(back.objects, receipt.objects);
  EXPECT_EQ(back.intents, receipt.intents);
  EXPECT_EQ(back.folder, "movies/");
}

TEST(ObjectReceipt, IsEmptyAtFirstAndNeverForeign) {
  EXPECT_EQ(decode_receipt({}).run_seq, 0);
  EXPECT_THROW(decode_receipt({"{\"index\":\"movies\"}"}), Error);
  EXPECT_THROW(decode_receipt({"not json"}), Error);
}

TEST(ObjectProgress, NeverGivesAKeyTwice) {
  ObjectProgress progress = progress_of(receipt_of(3));
  EXPECT_EQ(progress.next_key({}), "movies/000003/0001");
  EXPECT_EQ(progress.next_key({}), "movies/000003/0002");
  ObjectProgress after_restart = progress_of(decode_receipt(progress.commit()));
  EXPECT_EQ(after_restart.next_key({}), "movies/000003/0003");
}

TEST(ObjectProgress, NamesWhatWasBegunUntilItIsCommitted) {
  ObjectProgress progress = progress_of(receipt_of(3));
  const std::string key = progress.next_key({});
  const ObjectReceipt begun = decode_receipt(progress.add_intents({key}));
  EXPECT_EQ(begun.intents, Keys{key});
  EXPECT_TRUE(begun.objects.empty());
  EXPECT_TRUE(progress.knows(key));
  progress.seal({key, 1, 2, "", ""});
  EXPECT_TRUE(progress.has_uncommitted());
  const ObjectReceipt still = decode_receipt(progress.add_intents({"other"}));
  EXPECT_TRUE(still.objects.empty());
  const ObjectReceipt committed = decode_receipt(progress.commit());
  EXPECT_FALSE(progress.has_uncommitted());
  EXPECT_TRUE(committed.intents.empty());
  ASSERT_EQ(committed.objects.size(), 1u);
  EXPECT_EQ(committed.objects[0].key, key);
  EXPECT_TRUE(progress.knows(key));
  EXPECT_FALSE(progress.knows("other"));
}

TEST(OpenDecision, BeginsANewRun) {
  const OpenDecision decision = decide_open({}, opening(1));
  EXPECT_EQ(decision.receipt.run_seq, 1);
  EXPECT_EQ(decision.receipt.next_part, 1);
  EXPECT_TRUE(decision.leftovers.empty());
  EXPECT_FALSE(decision.older_run.has_value());
}

TEST(OpenDecision, GoesOnWithAKilledRunAndDropsWhatItHadBegun) {
  ObjectReceipt taken = receipt_of(3);
  taken.next_part = 5;
  taken.objects = {{"a", 1, 2, "", ""}};
  taken.intents = {"b"};
  const OpenDecision decision = decide_open(taken, opening(3));
  EXPECT_EQ(decision.receipt.next_part, 5);
  EXPECT_EQ(decision.receipt.objects, taken.objects);
  EXPECT_EQ(decision.receipt.started, taken.started);
  EXPECT_TRUE(decision.receipt.intents.empty());
  EXPECT_EQ(decision.leftovers, Keys{"b"});
  EXPECT_FALSE(decision.save_first);
}

TEST(OpenDecision, DropsFinishedObjectsWhenTheSourceStartsOver) {
  ObjectReceipt taken = receipt_of(3);
  taken.next_part = 5;
  taken.objects = {{"a", 1, 2, "", ""}};
  taken.intents = {"b"};
  const OpenDecision decision = decide_open(taken, opening(3, true));
  EXPECT_TRUE(decision.receipt.objects.empty());
  EXPECT_EQ(decision.receipt.next_part, 5);
  EXPECT_EQ(decision.leftovers, (Keys{"b", "a"}));
  EXPECT_TRUE(decision.save_first);
}

TEST(OpenDecision, LetsGoOfARunThatFinished) {
  ObjectReceipt taken = receipt_of(3);
  taken.objects = {{"a", 1, 2, "", ""}};
  ObjectProgress progress = progress_of(taken);
  const ObjectReceipt finished = decode_receipt(progress.finish());
  EXPECT_TRUE(finished.finished);
  EXPECT_FALSE(decide_open(finished, opening(4)).older_run.has_value());
}

TEST(OpenDecision, RemembersARunThatNeverCameToItsEnd) {
  ObjectReceipt taken = receipt_of(3);
  taken.objects = {{"a", 1, 2, "", ""}};
  taken.intents = {"b"};
  const OpenDecision decision = decide_open(taken, opening(4));
  EXPECT_EQ(decision.receipt.run_seq, 4);
  EXPECT_TRUE(decision.receipt.objects.empty());
  EXPECT_EQ(decision.leftovers, Keys{"b"});
  ASSERT_TRUE(decision.older_run.has_value());
  EXPECT_EQ(decision.older_run->run_seq, 3);
}

}  // namespace
}  // namespace rowferry
