// Everything that can be wrong under `jobs:`, of the keys that are not a connector's own.
#include <gmock/gmock.h>

#include "load_yaml.hpp"

namespace rowferry::config {
namespace {

using testing::HasSubstr;

/// The connections, and a job that is right so far: what follows starts in line 9.
std::string job_so_far() {
  return std::string(kConnections) +
         "jobs:\n"
         "  movies:\n"
         "    source: {connection: shop, table: film, cursor: changed}\n"
         "    sink: {connection: search, index: movies}\n";
}

TEST(WrongJob, SaysWhichGenericKeyAndWhy) {
  expect_wrong(
      job_so_far(),
      {
          {"    schedul: manual\n", 9, "jobs.movies.schedul", "did you mean 'schedule'?"},
          {"    schedule: {fetch_delay: 5s, cron: '@daily'}\n", 9, "jobs.movies.schedule",
           "exactly one of"},
          {"    schedule: {fetch_delay: 5}\n", 9, "jobs.movies.schedule.fetch_delay", "a duration"},
          {"    schedule: {fetch_delay: 0ms}\n", 9, "jobs.movies.schedule.fetch_delay",
           "at least 10ms"},
          {"    schedule: {fetch_delay: 5s, timezone: UTC}\n", 9, "jobs.movies.schedule.timezone",
           "only goes with cron"},
          {"    schedule: {cron: '0 3 * *'}\n", 9, "jobs.movies.schedule.cron",
           "4 fields instead of"},
          {"    schedule: {cron: '61 3 * * *'}\n", 9, "jobs.movies.schedule.cron",
           "'61' is no minute"},
          {"    schedule: {cron: '0 0 31 2 *'}\n", 9, "jobs.movies.schedule.cron", "never comes"},
          {"    schedule:\n      cron: '0 3 * * *'\n      timezone: Mars/Olympus\n", 11,
           "jobs.movies.schedule.timezone", "'Mars/Olympus' is no time zone"},
          {"    schedule: never\n", 9, "jobs.movies.schedule", "must be manual"},
          {"    schedule: [manual]\n", 9, "jobs.movies.schedule", "must be a map"},
          {"    batch: {rows: 0}\n", 9, "jobs.movies.batch.rows", "between 1 and 1000000"},
          {"    batch: {rows: 2.5}\n", 9, "jobs.movies.batch.rows", "a whole number"},
          {"    batch: {bytes: 8 MiB}\n", 9, "jobs.movies.batch.bytes", "a size such as"},
          {"    batch: {bytes: 8}\n", 9, "jobs.movies.batch.bytes", "a size such as"},
          {"    batch: {bytes: 2GiB}\n", 9, "jobs.movies.batch.bytes", "at most 1GiB"},
          {"    batch: {row: 5}\n", 9, "jobs.movies.batch.row", "did you mean 'rows'?"},
          {"    retry: {initial_delay: 0s}\n", 9, "jobs.movies.retry.initial_delay",
           "at least 1ms"},
          {"    retry: {multiplier: 0.5}\n", 9, "jobs.movies.retry.multiplier",
           "between 1 and 1000"},
          {"    retry: {multiplier: nan}\n", 9, "jobs.movies.retry.multiplier", "a number"},
          {"    retry: {jitter: 1.5}\n", 9, "jobs.movies.retry.jitter", "between 0 and 1"},
          {"    retry: {max_delay: 100ms}\n", 9, "jobs.movies.retry.max_delay", "shorter than"},
          {"    retry: {give_up_after: soon}\n", 9, "jobs.movies.retry.give_up_after",
           "a duration"},
          {"    dead_letters: {max_rows: -1}\n", 9, "jobs.movies.dead_letters.max_rows",
           "at least 0"},
          {"    dead_letters: {max_bytes: all}\n", 9, "jobs.movies.dead_letters.max_bytes",
           "a size"},
          {"    on_definition_change: 'off'\n", 9, "jobs.movies.on_definition_change",
           "one of warn, full, not 'off'"},
          {"    transforms: [{upper: [title]}]\n", 9, "jobs.movies.transforms[0]", "not built yet"},
          {"    transforms: {upper: [title]}\n", 9, "jobs.movies.transforms", "must be a list"},
          {"    reconcile: {cron: '0 5 * * *'}\n", 9, "jobs.movies.reconcile", "not built yet"},
          {"    batch: {rows: 5, rows: 6}\n", 9, "jobs.movies.batch.rows", "duplicate key"},
          {"  movies: {}\n", 9, "jobs.movies", "duplicate key, first given in line 6"},
          {"  a b: {source: {connection: shop, table: t}, sink: {connection: disk, key: k}}\n", 9,
           "jobs.a b", "a name is made of"},
          {"  ..: {source: {connection: shop, table: t}, sink: {connection: disk, key: k}}\n", 9,
           "jobs...", "a name is made of"},
          {"  other:\n", 9, "jobs.other", "is missing"},
          {"  other: manual\n", 9, "jobs.other", "must be a map"},
      });
}

TEST(WrongJob, SaysWhichSideAndWhy) {
  expect_wrong(
      std::string(kConnections) + "jobs:\n  m:\n",
      {
          {"    sink: {connection: disk, key: k}\n", 6, "jobs.m.source", "is missing"},
          {"    source: {connection: shop, table: t}\n", 6, "jobs.m.sink", "is missing"},
          {"    source: {table: t}\n    sink: {connection: disk, key: k}\n", 7,
           "jobs.m.source.connection", "is missing"},
          {"    source:\n      connection: shpo\n      table: t\n    sink: {connection: disk, key: "
           "k}\n",
           8, "jobs.m.source.connection", "unknown connection, did you mean 'shop'?"},
          {"    source: {connection: disk, table: t}\n    sink: {connection: disk, key: k}\n", 7,
           "jobs.m.source.connection", "of type file, which cannot be a source"},
          {"    source: {connection: shop, table: t}\n    sink: {connection: shop, table: t}\n", 8,
           "jobs.m.sink.connection", "not built yet"},
          {"    source: {connection: shop}\n    sink: {connection: disk, key: k}\n", 7,
           "jobs.m.source.table", "is missing"},
          {"    source: {connection: shop, table: t, mode: incremental}\n"
           "    sink: {connection: disk, key: k}\n",
           7, "jobs.m.source.mode", "incremental needs a cursor"},
          {"    source: {connection: shop, table: t, mode: partitions}\n"
           "    sink: {connection: disk, key: k}\n",
           7, "jobs.m.source.mode", "not built yet"},
          {"    source: {connection: shop, table: t, late_commits: maybe}\n"
           "    sink: {connection: disk, key: k}\n",
           7, "jobs.m.source.late_commits", "one of exact, overlap, off, not 'maybe'"},
          {"    source: {connection: shop, table: t, columns: id}\n"
           "    sink: {connection: disk, key: k}\n",
           7, "jobs.m.source.columns", "must be a list"},
          {"    source: {connection: shop, table: t, deleted: {column: gone, colum: x}}\n"
           "    sink: {connection: disk, key: k}\n",
           7, "jobs.m.source.deleted.colum", "did you mean 'column'?"},
          {"    source: {connection: shop, table: t}\n"
           "    sink: {connection: disk, key: k, format: parquet}\n",
           8, "jobs.m.sink.format", "not built yet"},
          {"    source: {connection: shop, table: t}\n"
           "    sink: {connection: disk, key: k, csv: {headr: true}}\n",
           8, "jobs.m.sink.csv.headr", "did you mean 'header'?"},
          {"    source: {connection: shop, table: t}\n"
           "    sink: {connection: search, index: i, create: maybe}\n",
           8, "jobs.m.sink.create", "must be true or false, not 'maybe'"},
          {"    source: {connection: shop, table: t}\n"
           "    sink: {connection: search, index: i, validate: true}\n",
           8, "jobs.m.sink.validate", "not built yet"},
          {"    source: {connection: shop, table: t}\n"
           "    sink: {connection: search, index: i, shared: 5}\n",
           8, "jobs.m.sink.shared", "true or false"},
          {"    source: {connection: shop, table: t}\n"
           "    sink: {connection: search, index: {}}\n",
           8, "jobs.m.sink.index", "is missing"},
      });
}

TEST(WrongJob, SaysThatCursorAndPartitionsNeedAMode) {
  const std::string problems = problems_of(
      std::string(kConnections) +
      "jobs:\n  m:\n    source: {connection: shop, table: t, cursor: c, partitions: {column: d}}\n"
      "    sink: {connection: disk, key: k}\n");
  EXPECT_EQ(problems,
            "7: jobs.m.source.partitions: not built yet\n"
            "7: jobs.m.source.mode: is missing: with cursor and partitions both given, it must say "
            "which\n");
}

TEST(WrongJob, RefusesTwoWritersOfOneTargetUnlessBothShareIt) {
  const auto two_jobs = [](const std::string& first, const std::string& second) {
    return problems_of(std::string(kConnections) +
                       "jobs:\n"
                       "  a:\n    source: {connection: shop, table: t}\n    sink: {" +
                       first +
                       "}\n"
                       "  b:\n    source: {connection: shop, table: t}\n    sink: {" +
                       second + "}\n");
  };
  const std::string plain = "connection: search, index: i";
  const std::string shared = plain + ", shared: true";
  EXPECT_EQ(two_jobs(shared, shared), "");
  EXPECT_EQ(two_jobs(plain, "connection: search, index: j"), "");
  EXPECT_EQ(two_jobs(plain, "connection: disk, key: i"), "");
  EXPECT_EQ(two_jobs(shared, plain),
            "11: jobs.b.sink.shared: job 'a' writes the same target (search i): give one of them "
            "another target or, if that is meant, set shared: true in both\n");
  const std::string both = two_jobs(plain, plain);
  EXPECT_THAT(both, HasSubstr("8: jobs.a.sink.shared: job 'b' writes the same target"));
  EXPECT_THAT(both, HasSubstr("11: jobs.b.sink.shared: job 'a' writes the same target"));
}

}  // namespace
}  // namespace rowferry::config
