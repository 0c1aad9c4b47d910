// Two jobs that write one target, by the components that the program is made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "components.hpp"
#include "config/settings.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry {
namespace {

using testing::HasSubstr;

/// A configuration of jobs `one` and `two`, in a folder of its own.
class TwoJobs {
 public:
  std::string connections;
  std::string first_source = "table: e.films";
  std::string second_source = "table: e.films";

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  /// What is wrong when the jobs have these sinks.
  [[nodiscard]] std::string problems(const std::string& first, const std::string& second) {
    const std::filesystem::path file = folder_.path() / "rowferry.yaml";
    std::ofstream(file) << "connections:\n"
                           "  shop: {type: postgres, dsn: host=db}\n"
                        << connections << "jobs:\n"
                        << "  one: {source: {connection: shop, " << first_source << "}, sink: {"
                        << first << "}}\n"
                        << "  two: {source: {connection: shop, " << second_source << "}, sink: {"
                        << second << "}}\n";
    Redactor redactor;
    return config::load_settings(file, make_components(), redactor).problems.to_text();
  }

 private:
  test::TemporaryFolder folder_;
};

/// Whether both jobs are refused, each naming the other.
void expect_clash(const std::string& problems) {
  EXPECT_THAT(problems, HasSubstr("jobs.one.sink.shared: job 'two' writes the same target"));
  EXPECT_THAT(problems, HasSubstr("jobs.two.sink.shared: job 'one' writes the same target"));
}

TEST(SharedTargets, AreSeenThroughTwoSpellingsOfAUrl) {
  TwoJobs jobs;
  jobs.connections =
      "  a: {type: elasticsearch, urls: [\"http://es:9200\"]}\n"
      "  b: {type: elasticsearch, urls: [\"http://other:9200\", \"http://ES.:9200/\"]}\n"
      "  c: {type: elasticsearch, urls: [\"http://es:9200/behind\"]}\n"
      "  d: {type: elasticsearch, urls: [\"http://es:9201\"]}\n"
      "  e: {type: elasticsearch, urls: \"http://localhost:9200\"}\n"
      "  f: {type: elasticsearch, urls: \"http://127.0.0.1:9200\"}\n"
      "  g: {type: elasticsearch, urls: \"https://es\"}\n"
      "  h: {type: elasticsearch, urls: \"https://es:443\"}\n";
  const auto problems = [&jobs](const std::string& first, const std::string& second) {
    return jobs.problems("connection: " + first + ", index: i", "connection: " + second);
  };
  expect_clash(problems("a", "b, index: i"));
  expect_clash(problems("e", "f, index: i"));
  expect_clash(problems("g", "h, index: i"));
  EXPECT_EQ(problems("a", "b, index: j"), "");
  EXPECT_EQ(problems("a", "c, index: i"), "");
  EXPECT_EQ(problems("a", "d, index: i"), "");
  EXPECT_THAT(problems("a", "b, index: i"), HasSubstr("(b i): give one of them another target"));
}

TEST(SharedTargets, AreSeenThroughTwoPathsOfAFolder) {
  TwoJobs jobs;
  std::filesystem::create_directories(jobs.folder() / "real" / "m");
  std::filesystem::create_symlink(jobs.folder() / "real", jobs.folder() / "link");
  jobs.connections =
      "  a: {type: file, path: real}\n"
      "  b: {type: file, path: ./nowhere/../real/}\n"
      "  c: {type: file, path: link}\n"
      "  d: {type: file, path: real/m}\n"
      "  e: {type: file, path: real2}\n";
  const std::string first = "connection: a, key: \"m/{part:04}.csv\"";
  expect_clash(jobs.problems(first, "connection: b, key: \"m/{part:04}.csv\""));
  expect_clash(jobs.problems(first, "connection: c, key: \"m/{part:04}.csv\""));
  expect_clash(jobs.problems(first, "connection: d, key: \"{part:04}.csv\""));
  EXPECT_EQ(jobs.problems(first, "connection: d, key: \"m/{part:04}.csv\""), "");
  EXPECT_EQ(jobs.problems(first, "connection: e, key: \"m/{part:04}.csv\""), "");
}

TEST(SharedTargets, AreSeenInTheNamesThatKeysCanMake) {
  TwoJobs jobs;
  jobs.connections = "  disk: {type: file, path: out}\n";
  const auto problems = [&jobs](const std::string& first, const std::string& second) {
    return jobs.problems("connection: disk, key: " + first, "connection: disk, key: " + second);
  };
  const std::string bare = ", manifest: false";
  // One with a manifest, the other without: the same objects.
  expect_clash(problems("\"mm/{part:04}.ndjson\"" + bare, "\"mm/{part:04}.ndjson\""));
  expect_clash(problems("\"m/{part}\"" + bare, "\"m/{part:04}\"" + bare));
  expect_clash(problems("\"m/{column:c}/{part}\"" + bare, "\"m/{run_seq:06}/{part:04}\"" + bare));
  expect_clash(problems("\"m/{started:%Y}\"" + bare, "\"m/{part}\"" + bare));
  // One folder, and somebody's manifest says what it holds.
  expect_clash(problems("\"m/a-{part}\"", "\"m/b-{part}\"" + bare));
  EXPECT_THAT(problems("\"m/a-{part}\"", "\"m/b-{part}\""),
              HasSubstr("(disk m/b-{part}): give one of them a key in another folder"));
  EXPECT_EQ(problems("\"m/a-{part}\"" + bare, "\"m/b-{part}\"" + bare), "");
  EXPECT_EQ(problems("\"m/{part}\"", "\"n/{part}\""), "");
  EXPECT_EQ(problems("\"m/{part}\"", "\"m/n/{part}\""), "");
  EXPECT_EQ(problems("\"{job}/{part}\"", "\"{job}/{part}\""), "");
  EXPECT_EQ(problems("\"m/{part}\", shared: true", "\"m/{part}\", shared: true"), "");
}

TEST(SharedTargets, AreSeenByTheNameOfTheTable) {
  TwoJobs jobs;
  jobs.connections = "  disk: {type: file, path: out}\n";
  jobs.first_source = "table: e.t1";
  jobs.second_source = "table: e.t2";
  const std::string by_table = "connection: disk, key: \"{table}/{part:04}.ndjson\"";
  EXPECT_EQ(jobs.problems(by_table, by_table), "");
  expect_clash(jobs.problems(by_table, "connection: disk, key: \"t1/{part:04}.ndjson\""));
  jobs.second_source = "table: other.T1";
  expect_clash(jobs.problems(by_table, by_table));
  jobs.second_source = "table: 'other.\"T1\"'";
  EXPECT_EQ(jobs.problems(by_table, by_table), "");
  jobs.second_source = "query: SELECT 1";
  expect_clash(jobs.problems("connection: disk, key: \"two/{part}\"", by_table));
}

}  // namespace
}  // namespace rowferry
