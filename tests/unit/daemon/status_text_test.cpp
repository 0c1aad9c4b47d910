#include "daemon/client/status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rowferry::client {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// 2026-02-03T04:05:06Z
const WallTime kNow(std::chrono::microseconds(1'770'091'506'000'000));

Run ended_run(RunState state) {
  Run run;
  run.id = 345;
  run.job = "movies";
  run.run_seq = 12;
  run.state = state;
  run.started_at = kNow - 4s;
  run.finished_at = kNow - 3s;
  run.counters = {1300, 1200, 34, 0, 9000, 1536};
  return run;
}

JobView waiting_job() {
  JobView job;
  job.name = "movies";
  job.state = JobState::waiting;
  job.source = "shop content.film_work";
  job.sink = "search movies";
  job.schedule = "fetch_delay 5s";
  job.next_run_at = kNow + 2s;
  job.lag_seconds = 2.13;
  job.last_run = ended_run(RunState::succeeded);
  job.totals = {100000, 99000, 1000, 3, 0, 1 << 20};
  job.guarantee = "exact";
  return job;
}

JobView failed_job() {
  JobView job;
  job.name = "a";
  job.state = JobState::failed;
  job.last_run = ended_run(RunState::failed);
  job.last_run->counters.rows_rejected = 9;
  job.last_error = "dead letters are full:\n9 rows";
  return job;
}

JobView running_job() {
  JobView job;
  job.name = "archive";
  job.state = JobState::running;
  job.last_run = ended_run(RunState::running);
  job.last_run->type = RunType::full;
  job.last_run->finished_at.reset();
  job.last_run->started_at = kNow - 5min;
  job.guarantee = "full";
  return job;
}

JobView new_job() {
  JobView job;
  job.name = "new";
  job.state = JobState::paused;
  return job;
}

TEST(StatusTable, TellsEachJobInALineAndItsErrorBelow) {
  const std::vector<JobView> jobs = {waiting_job(), failed_job(), running_job(), new_job()};
  EXPECT_EQ(
      status_table(jobs, kNow, Colours::no),
      "JOB      STATE      LAG  LAST RUN                            ROWS  NEXT RUN  GUARANTEE\n"
      "movies   waiting  2.1 s  sync succeeded 3.0 s ago           1,234  in 2.0 s  exact\n"
      "a        failed       -  sync failed 3.0 s ago, 9 rejected  1,234  -         -\n"
      "  dead letters are full: 9 rows\n"
      "archive  running      -  full running for 5 min             1,234  -         full\n"
      "new      paused       -  none yet                               -  -         -\n");
}

TEST(StatusTable, SaysThatThereAreNoJobs) {
  EXPECT_EQ(status_table({}, kNow, Colours::no), "no jobs\n");
}

TEST(StatusTable, HasColoursOnlyWhereTheyAreWanted) {
  const std::string coloured = status_table({waiting_job(), failed_job()}, kNow, Colours::yes);
  EXPECT_THAT(coloured, HasSubstr("\033[32mwaiting\033[0m"));
  EXPECT_THAT(coloured, HasSubstr("\033[1;31mfailed\033[0m"));
  EXPECT_THAT(status_table({failed_job()}, kNow, Colours::no), Not(HasSubstr("\033")));
}

TEST(StatusTable, PassesNoEscapesOn) {
  JobView job = failed_job();
  job.last_error = "bad \033]0;title\a text";
  EXPECT_THAT(status_table({job}, kNow, Colours::no), Not(HasSubstr("\033")));
}

TEST(JobDetails, TellEverything) {
  JobView job = waiting_job();
  job.last_error = "connection refused";
  job.last_run->retries = 1;
  EXPECT_EQ(job_details(job, std::nullopt, kNow),
            "movies\n"
            "  state      waiting\n"
            "  source     shop content.film_work\n"
            "  sink       search movies\n"
            "  schedule   fetch_delay 5s\n"
            "  next run   2026-02-03 04:05:08 UTC (in 2.0 s)\n"
            "  lag        2.1 s\n"
            "  guarantee  exact\n"
            "  last run   sync 12, succeeded (id 345)\n"
            "             started 2026-02-03 04:05:02 UTC (4.0 s ago)\n"
            "             took 1.0 s\n"
            "             1,300 rows read, 1,200 written, 34 deleted, 0 rejected, 1.5 KiB\n"
            "             1 retry\n"
            "  in all     100,000 rows read, 99,000 written, 1,000 deleted, 3 rejected, 1.0 MiB\n"
            "  last error connection refused\n");
}

TEST(JobDetails, TellTheProgressOfARun) {
  RunView running;
  running.run = *running_job().last_run;
  running.run.job = "archive";
  running.rows_expected = 13000;
  running.run_rows_per_second = 500;
  const std::string text = job_details(running_job(), running, kNow);
  EXPECT_THAT(text,
              HasSubstr("  progress   archive: 1,300 of about 13,000 rows (10 %), 500 rows/s\n"));
  EXPECT_THAT(text, HasSubstr("  last run   full 12, running (id 345)\n"));
  EXPECT_THAT(text, Not(HasSubstr("took")));
}

TEST(JobDetails, LeaveNothingOutOfAJobThatNeverRan) {
  const std::string text = job_details(new_job(), std::nullopt, kNow);
  EXPECT_THAT(text, HasSubstr("  next run   -\n"));
  EXPECT_THAT(text, HasSubstr("  last run   none yet\n"));
  EXPECT_THAT(text, HasSubstr("  last error -\n"));
}

TEST(DeadLetterTable, TellsEachLetterAndItsReasonBelow) {
  DeadLetter letter;
  letter.id = "3f2a";
  letter.key_json = R"({"id":7})";
  letter.reason = "mapper_parsing_exception:\n a number is no date";
  letter.run = 345;
  letter.time = kNow;
  letter.tries = 2;
  EXPECT_EQ(dead_letter_table({letter}, Colours::no),
            "ID    TIME                     RUN  TRIES  KEY\n"
            "3f2a  2026-02-03 04:05:06 UTC  345      2  {\"id\":7}\n"
            "  mapper_parsing_exception: a number is no date\n");
  EXPECT_EQ(dead_letter_table({}, Colours::no), "no dead letters\n");
  letter.key_json = "{\"name\":\"" + std::string(100, 'x') + "\"}";
  EXPECT_THAT(dead_letter_table({letter}, Colours::no), HasSubstr("xxx...\n"));
}

}  // namespace
}  // namespace rowferry::client
