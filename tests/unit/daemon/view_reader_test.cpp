#include "daemon/client/view_reader.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <string>

#include "api/views.hpp"
#include "base/error.hpp"

namespace rowferry::client {
namespace {

namespace json = boost::json;

RunView running() {
  RunView view;
  view.run.id = 345;
  view.run.job = "movies";
  view.run.run_seq = 12;
  view.run.type = RunType::full;
  view.run.state = RunState::running;
  view.run.started_at = WallTime(std::chrono::microseconds(1'770'091'506'789'012));
  view.run.counters = {1, 2, 3, 4, 0, 5};
  view.run.retries = 6;
  view.run.error = "first try";
  view.run_rows_per_second = 7;
  view.rows_expected = 8;
  view.eta_seconds = 9;
  return view;
}

TEST(ViewReader, ReadsARunAsTheApiShowsIt) {
  const RunView view = running();
  const RunView read = read_run(api::run_json(view));
  EXPECT_EQ(api::run_json(read), api::run_json(view));
  EXPECT_EQ(read.run.started_at, view.run.started_at);
  EXPECT_EQ(read.rows_expected, 8);
}

TEST(ViewReader, ReadsAJobAsTheApiShowsIt) {
  JobView job;
  job.name = "movies";
  job.state = JobState::backing_off;
  job.source = "shop t";
  job.sink = "search i";
  job.schedule = "manual";
  job.next_run_at = WallTime(std::chrono::microseconds(1'770'091'506'000'000));
  job.lag_seconds = 1.5;
  job.checkpoint_json = R"({"a":1})";
  job.last_run = running().run;
  job.totals = {1, 2, 3, 4, 5, 6};
  job.guarantee = "exact";
  job.last_error = "refused";
  EXPECT_EQ(api::job_json(read_job(api::job_json(job))), api::job_json(job));
  EXPECT_EQ(api::job_json(read_job(api::job_json(JobView()))), api::job_json(JobView()));
}

TEST(ViewReader, ReadsADeadLetterAsTheApiShowsIt) {
  DeadLetter letter;
  letter.id = "x";
  letter.key_json = R"({"id":1})";
  letter.row_json = R"({"id":1,"v":"\u00e9"})";
  letter.reason = "no date";
  letter.run = 3;
  letter.tries = 4;
  EXPECT_EQ(api::dead_letter_json(read_dead_letter(api::dead_letter_json(letter))),
            api::dead_letter_json(letter));
}

TEST(ViewReader, ReadsHowManyLettersWereDropped) {
  EXPECT_EQ(read_dropped(json::parse(R"({"dropped":2})")), 2);
  EXPECT_THROW(std::ignore = read_dropped(json::parse("{}")), Error);
}

TEST(ViewReader, PassesOverWhatAnotherVersionAddsOrLeavesOut) {
  const RunView view =
      read_run(json::parse(R"({"id":1,"type":"sync","state":"queued","more":[1],"error":7})"));
  EXPECT_EQ(view.run.id, 1);
  EXPECT_EQ(view.run.error, "");
  EXPECT_FALSE(view.run.finished_at.has_value());
  const auto jobs =
      read_jobs(json::parse(R"({"items":[{"name":"a","state":"waiting"}],"next":null})"));
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].name, "a");
}

TEST(ViewReader, RefusesWhatIsNoneOfThem) {
  for (const char* text : {"1", "[]", "{}", R"({"items":1})", R"({"items":[{"state":"odd"}]})"}) {
    EXPECT_THROW(read_jobs(json::parse(text)), Error) << text;
  }
  for (const char* text : {"null", "{}", R"({"id":1,"type":"sync","state":"odd"})",
                           R"({"id":"1","type":"sync","state":"queued"})"}) {
    EXPECT_THROW(read_run(json::parse(text)), Error) << text;
  }
}

}  // namespace
}  // namespace rowferry::client
