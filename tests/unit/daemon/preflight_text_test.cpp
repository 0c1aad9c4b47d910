// What `check` and `plan` print, from reports made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "daemon/preflight/check_text.hpp"
#include "daemon/preflight/plan_json.hpp"
#include "daemon/preflight/plan_text.hpp"

namespace rowferry {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Finding kGood{Severity::ok, "all is well", ""};
const Finding kSlow{Severity::warning, "no index", "CREATE INDEX;"};
const Finding kWrong{Severity::wrong, "no column\nx", "name another"};
const Finding kGone{Severity::refused, "connection shop: gone", "start it"};

class PreflightText : public testing::Test {
 protected:
  PreflightText() {
    job_.settings.name = "movies";
    job_.settings.schedule.kind = Schedule::Kind::manual;
    job_.source_connection = "shop";
    job_.sink_connection = "search";
    job_.source_text = "shop film_work";
    job_.sink_text = "search movies";
    report_.connections = {{"shop", {kGood}}, {"search", {kGood}}};
    report_.jobs.resize(1);
    report_.jobs[0].job = &job_;
  }

  JobReport& job() { return report_.jobs[0]; }

  void fill() {
    job().source.rows_expected = 1234;
    job().source.bytes_expected = 4096;
    job().source.ways = {"a table"};
    job().source.statements = {{"page", "SELECT 1", "Index Scan\n  Cond\n"}};
    job().source.columns = {{"id", "bigint", "bigint", false, false, "key"},
                            {"mood", "mood", "text", true, true, ""},
                            {"updated_at", "date", "date", false, true, "cursor"}};
    job().sink.forms = {"number", "string"};
    job().sink.creations = {{"index movies", "{\"settings\":{}}"}};
    job().rows_read = {"{\"id\":1}"};
    job().sink.samples = {"{\"index\":{}}\n{\"id\":1}\n"};
    job().buffers = {{"requests", 3u << 20}};
    job().bytes_max = 3u << 20;
    job().source.findings = {kGood, kSlow};
  }

  JobDefinition job_;
  PreflightReport report_;
};

TEST_F(PreflightText, OfACheckHasALineForEachFact) {
  report_.connections[0].findings = {kGone};
  job().source.findings = {kGood, kSlow};
  job().sink.findings = {kWrong};
  EXPECT_EQ(check_text(report_),
            "connection shop: error gone\n"
            "    start it\n"
            "connection search: ok all is well\n"
            "job movies: ok all is well\n"
            "job movies: warning no index\n"
            "    CREATE INDEX;\n"
            "job movies: error no column x\n"
            "    name another\n"
            "2 connections, 1 job: 2 errors, 1 warning\n");
}

TEST_F(PreflightText, StatusIsThatOfTheWorstFinding) {
  EXPECT_EQ(status_of({kGood, kSlow}), ExitStatus::done);
  EXPECT_EQ(status_of({kSlow, kGone}), ExitStatus::unreachable);
  EXPECT_EQ(status_of({kGone, kWrong}), ExitStatus::wrong_usage);
  EXPECT_EQ(status_of(report_.all_findings()), ExitStatus::done);
  EXPECT_EQ(sum_text({kGood}), "no errors, no warnings");
}

TEST_F(PreflightText, OfAPlanShowsEverything) {
  fill();
  const std::string text = plan_text(report_, Colours::no);
  EXPECT_THAT(text,
              AllOf(HasSubstr("job movies\n  from  shop film_work\n"),
                    HasSubstr("  rows  about 1,234, 4.0 KiB"), HasSubstr("    a table\n"),
                    HasSubstr("Statement: page\n    SELECT 1\n      Index Scan\n        Cond"),
                    HasSubstr("id          bigint, not null  bigint    number    key\n")));
  EXPECT_THAT(text, AllOf(HasSubstr("mood        mood              its text  string\n"),
                          HasSubstr("updated_at  date              date      not sent  cursor\n"),
                          HasSubstr("    index movies\n      {\"settings\":{}}\n"),
                          HasSubstr("    {\"id\":1}\n      {\"index\":{}}\n      {\"id\":1}\n"),
                          HasSubstr("Memory: at most 3.0 MiB"),
                          HasSubstr("    warning: no index\n      CREATE INDEX;\n")));
  EXPECT_THAT(text, Not(HasSubstr("all is well")));
}

TEST_F(PreflightText, OfAPlanNamesFaultsOfItsConnections) {
  report_.connections[0].findings = {kGone};
  report_.connections.push_back({"other", {kWrong}});
  EXPECT_THAT(plan_text(report_, Colours::no),
              AllOf(HasSubstr("error: gone\n      start it\n"), Not(HasSubstr("no column"))));
  report_.connections[0].findings = {kGood};
  EXPECT_THAT(plan_text(report_, Colours::no), HasSubstr("No warnings"));
}

TEST_F(PreflightText, HugeSamplesAreCut) {
  fill();
  job().rows_read = {std::string(5000, 'x')};
  EXPECT_THAT(plan_text(report_, Colours::no),
              AllOf(HasSubstr("xxx... (4.9 KiB)"), Not(HasSubstr(std::string(2001, 'x')))));
}

TEST_F(PreflightText, OfAPlanAsJsonHasTheSame) {
  fill();
  const boost::json::value plan = boost::json::parse(plan_json(report_));
  EXPECT_EQ(plan.at("connections").at(1).at("name"), "search");
  const boost::json::value& job = plan.at("jobs").at(0);
  EXPECT_EQ(job.at("name"), "movies");
  EXPECT_EQ(job.at("rows_expected"), 1234);
  EXPECT_EQ(job.at("statements").at(0).at("explain"), "Index Scan\n  Cond\n");
  EXPECT_EQ(job.at("columns").at(1).at("as_text"), true);
  EXPECT_EQ(job.at("columns").at(0).at("sent_as"), "number");
  EXPECT_TRUE(job.at("columns").at(2).at("sent_as").is_null());
  EXPECT_EQ(job.at("creations").at(0).at("what"), "index movies");
  EXPECT_EQ(job.at("samples").at(0).at("read"), "{\"id\":1}");
  EXPECT_EQ(job.at("memory").at("bytes_max"), 3u << 20);
  EXPECT_EQ(job.at("findings").at(1).at("severity"), "warning");
  EXPECT_EQ(job.at("findings").at(1).at("remedy"), "CREATE INDEX;");
}

}  // namespace
}  // namespace rowferry
