#include "core/checkpoint_codec.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace rowferry {
namespace {

TEST(CheckpointCodec, GivesBackWhatItTook) {
  Checkpoint checkpoint;
  checkpoint.position.json = "{\"text\":\"\\u0000 \xc3\xa4\"}";
  checkpoint.receipt.json = "[1]";
  checkpoint.totals = {1, 2, 3, 4, 5, 6};
  checkpoint.run_counters = {7, 8, 9, 10, 11, 12};
  checkpoint.run_seq = 13;
  checkpoint.complete = true;
  checkpoint.definition = "a\nb\t\"c\"";
  const Checkpoint back = decode_checkpoint(encode_checkpoint(checkpoint));
  EXPECT_EQ(back.position, checkpoint.position);
  EXPECT_EQ(back.receipt, checkpoint.receipt);
  EXPECT_EQ(back.totals.rows_rejected, 4);
  EXPECT_EQ(back.run_counters.bytes_written, 12);
  EXPECT_EQ(back.run_seq, 13);
  EXPECT_TRUE(back.complete);
  EXPECT_EQ(back.definition, checkpoint.definition);
}

TEST(CheckpointCodec, RefusesWhatIsNoCheckpoint) {
  EXPECT_THROW(decode_checkpoint(""), Error);
  EXPECT_THROW(decode_checkpoint("{}"), Error);
  EXPECT_THROW(decode_checkpoint("{\"position\":1}"), Error);
}

}  // namespace
}  // namespace rowferry
