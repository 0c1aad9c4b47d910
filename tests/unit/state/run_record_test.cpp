#include "state/run_record.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"

namespace rowferry {
namespace {

TEST(RunRecord, WritesTimesInUtc) {
  const WallTime time{std::chrono::microseconds(1'700'000'000'000'042)};
  EXPECT_EQ(utc_text(time), "2023-11-14T22:13:20.000042Z");
  EXPECT_EQ(parse_utc_text(utc_text(time)), time);
  const WallTime before_1970{std::chrono::microseconds(-1)};
  EXPECT_EQ(utc_text(before_1970), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(parse_utc_text(utc_text(before_1970)), before_1970);
}

TEST(RunRecord, RefusesOtherTimes) {
  EXPECT_THROW(std::ignore = parse_utc_text("yesterday"), Error);
  EXPECT_THROW(std::ignore = parse_utc_text("2023-11-14Txx:13:20.000042Z"), Error);
}

TEST(RunRecord, LeavesOutWhatIsEmpty) {
  rowferry::Run run;
  run.id = 7;
  run.job = "movies";
  const boost::json::object record = to_record(run);
  EXPECT_FALSE(record.contains("finished_at"));
  EXPECT_FALSE(record.contains("error"));
  const rowferry::Run back = run_of(record);
  EXPECT_EQ(back.id, 7);
  EXPECT_EQ(back.job, "movies");
  EXPECT_FALSE(back.finished_at.has_value());
}

TEST(RunRecord, RefusesWhatIsNoRun) {
  EXPECT_THROW(std::ignore = run_of({{"id", 1}}), Error);
  EXPECT_THROW(std::ignore = run_of({{"id", "one"}}), Error);
}

}  // namespace
}  // namespace rowferry
