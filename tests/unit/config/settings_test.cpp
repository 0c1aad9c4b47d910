#include "config/settings.hpp"

#include <gmock/gmock.h>

#include "load_yaml.hpp"
#include "tests/support/certificate.hpp"

namespace rowferry::config {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kJob =
    "jobs:\n"
    "  movies:\n"
    "    source: {connection: shop, table: film}\n"
    "    sink: {connection: search, index: movies}\n";

Settings load_right(YamlFile& file, const std::string& yaml) {
  LoadResult result = file.load(yaml);
  EXPECT_EQ(result.problems.to_text(), "");
  return result.settings.value_or(Settings());
}

TEST(Settings, HaveTheDefaultsOfTheContract) {
  YamlFile file;
  const Settings settings = load_right(file, std::string(kConnections) + std::string(kJob));
  const DaemonSettings& daemon = settings.daemon;
  EXPECT_EQ(daemon.listen.host, "127.0.0.1");
  EXPECT_EQ(daemon.listen.port, 8470);
  EXPECT_TRUE(daemon.operate_token.empty());
  EXPECT_EQ(daemon.state.store, "sqlite");
  EXPECT_EQ(daemon.state.path, "/var/lib/rowferry/state.db");
  EXPECT_EQ(daemon.history_runs, 1000u);
  EXPECT_EQ(daemon.api.body_bytes_max, 1u << 20);
  EXPECT_EQ(daemon.api.connections_max, 512u);
  EXPECT_EQ(daemon.api.header_timeout, milliseconds(10'000));
  EXPECT_EQ(daemon.api.idle_timeout, milliseconds(60'000));
  EXPECT_EQ(daemon.log.level, LogLevel::info);
  EXPECT_EQ(daemon.log.bytes_max, 64u << 20);
  EXPECT_EQ(daemon.log.files_max, 5);
  EXPECT_EQ(daemon.shutdown_grace, milliseconds(30'000));
  ASSERT_EQ(settings.jobs.size(), 1u);
  const JobSettings& job = settings.jobs[0].settings;
  EXPECT_EQ(job.batch.rows_max, 5000u);
  EXPECT_EQ(job.batch.bytes_max, 8u << 20);
  EXPECT_EQ(job.retry.initial_delay, milliseconds(500));
  EXPECT_EQ(job.retry.multiplier, 2);
  EXPECT_EQ(job.retry.max_delay, milliseconds(60'000));
  EXPECT_EQ(job.retry.jitter, 1);
  EXPECT_FALSE(job.retry.give_up_after.has_value());
  EXPECT_EQ(job.dead_letters.rows_max, 1000u);
  EXPECT_EQ(job.dead_letters.bytes_max, 64u << 20);
  EXPECT_EQ(job.on_definition_change, OnDefinitionChange::warn);
}

TEST(Settings, JoinConnectionsAndJobs) {
  YamlFile file;
  const Settings settings = load_right(file, std::string(kConnections) + std::string(kJob));
  ASSERT_EQ(settings.connections.size(), 3u);
  EXPECT_EQ(settings.connections[0].name, "shop");
  EXPECT_EQ(settings.connections[0].type, "postgres");
  const JobDefinition& job = settings.jobs.at(0);
  EXPECT_EQ(job.settings.name, "movies");
  EXPECT_EQ(job.source_connection, "shop");
  EXPECT_EQ(job.sink_connection, "search");
  EXPECT_EQ(job.source_text, "shop film");
  EXPECT_EQ(job.sink_text, "search movies");
}

TEST(Settings, ReadEveryKeyOfTheDaemon) {
  YamlFile file;
  file.write("token", "open-sesame\n");
  const Settings settings = load_right(
      file,
      "daemon:\n"
      "  listen: unix:run/api.sock\n"
      "  tls: {certificate_file: , private_key_file: }\n"
      "  operate_token_file: token\n"
      "  state: {store: sqlite, path: state.db}\n"
      "  history_runs: 7\n"
      "  api: {body_bytes_max: 2MiB, connections_max: 9, header_timeout: 3s, idle_timeout: 4s}\n"
      "  log: {level: debug, format: json, file: log.txt, max_bytes: 1MiB, max_files: 2}\n"
      "  shutdown_grace: 1m\n");
  const DaemonSettings& daemon = settings.daemon;
  EXPECT_EQ(daemon.listen.unix_path, file.folder() / "run/api.sock");
  EXPECT_EQ(daemon.operate_token.reveal(), "open-sesame");
  EXPECT_EQ(daemon.operate_token_file, file.folder() / "token");
  EXPECT_EQ(daemon.state.path, file.folder() / "state.db");
  EXPECT_EQ(daemon.history_runs, 7u);
  EXPECT_EQ(daemon.api.body_bytes_max, 2u << 20);
  EXPECT_EQ(daemon.api.connections_max, 9u);
  EXPECT_EQ(daemon.api.header_timeout, milliseconds(3000));
  EXPECT_EQ(daemon.api.idle_timeout, milliseconds(4000));
  EXPECT_EQ(daemon.log.level, LogLevel::debug);
  EXPECT_TRUE(daemon.log.json);
  EXPECT_EQ(daemon.log.file, (file.folder() / "log.txt").string());
  EXPECT_EQ(daemon.shutdown_grace, milliseconds(60'000));
  EXPECT_EQ(file.redactor.redact("is open-sesame it?"), "is *** it?");
}

TEST(Settings, KeepTheStateInYaml) {
  YamlFile file;
  const DaemonSettings given =
      file.load("daemon: {state: {store: yaml, path: state.yaml}}\n").settings->daemon;
  EXPECT_EQ(given.state.store, "yaml");
  EXPECT_EQ(given.state.path, file.folder() / "state.yaml");
  const DaemonSettings defaults = file.load("daemon: {state: {store: yaml}}\n").settings->daemon;
  EXPECT_EQ(defaults.state.path, "/var/lib/rowferry/state.yaml");
}

TEST(Settings, KnowWhichAddressesAreLocal) {
  for (const char* text : {"127.0.0.1:0", "127.9.9.9:80", "localhost:80", "[::1]:80", "unix:/a"}) {
    EXPECT_TRUE(parse_listen(text, "/")->is_local()) << text;
  }
  for (const char* text : {"0.0.0.0:80", "[::]:80", "10.0.0.1:80"}) {
    EXPECT_FALSE(parse_listen(text, "/")->is_local()) << text;
  }
  EXPECT_EQ(parse_listen("localhost:80", "/")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen("localhost:80", "/")->text, "localhost:80");
}

TEST(Settings, ListenBeyondLoopbackWithTlsAndToken) {
  YamlFile file;
  file.write("token", "open-sesame\n");
  const test::Certificate pair(file.folder(), "ferry", "DNS:ferry.example");
  const test::Certificate other(file.folder(), "other", "DNS:ferry.example");
  const std::string open = "daemon:\n  listen: 0.0.0.0:8470\n";
  const std::string token = "  operate_token_file: token\n";
  const std::string tls = "  tls: {certificate_file: ferry.crt, private_key_file: ferry.key}\n";
  const Settings settings = load_right(file, open + token + tls);
  EXPECT_EQ(settings.daemon.tls.certificate_file, pair.certificate);
  EXPECT_EQ(settings.daemon.tls.private_key_file, pair.key);
  for (const std::string& missing : {open + token, open + tls, open + token + "  tls:\n"}) {
    EXPECT_THAT(file.load(missing).problems.to_text(), HasSubstr("tls and operate_token_file are"));
  }
  const std::string mixed = "  tls: {certificate_file: ferry.crt, private_key_file: other.key}\n";
  const std::string problems = file.load(open + token + mixed).problems.to_text();
  EXPECT_THAT(problems, HasSubstr(":4: daemon.tls.private_key_file: the key in "));
  EXPECT_THAT(problems, HasSubstr("does not belong to the first certificate in "));
}

TEST(Settings, ReadEveryGenericKeyOfAJob) {
  YamlFile file;
  const Settings settings = load_right(
      file, std::string(kConnections) + std::string(kJob) +
                "    schedule: {cron: '0 3 * * *', timezone: Europe/Berlin}\n"
                "    batch: {rows: 10, bytes: 512KiB}\n"
                "    retry: {initial_delay: 1s, multiplier: 1.5, max_delay: 1h, jitter: 0, "
                "give_up_after: 5m}\n"
                "    dead_letters: {max_rows: 0, max_bytes: 0B}\n"
                "    transforms: []\n"
                "    reconcile:\n"
                "    on_definition_change: full\n");
  const JobSettings& job = settings.jobs.at(0).settings;
  EXPECT_EQ(job.schedule.kind, Schedule::Kind::cron);
  EXPECT_EQ(job.schedule.cron, "0 3 * * *");
  EXPECT_EQ(job.schedule.timezone, "Europe/Berlin");
  EXPECT_EQ(job.batch.rows_max, 10u);
  EXPECT_EQ(job.batch.bytes_max, 512u << 10);
  EXPECT_EQ(job.retry.multiplier, 1.5);
  EXPECT_EQ(job.retry.give_up_after, milliseconds(300'000));
  EXPECT_EQ(job.dead_letters.rows_max, 0u);
  EXPECT_EQ(job.on_definition_change, OnDefinitionChange::full);
}

Schedule schedule_of(std::string_view source, std::string_view schedule) {
  YamlFile file;
  const Settings settings =
      load_right(file, std::string(kConnections) + "jobs:\n  m:\n    source: {connection: shop, " +
                           std::string(source) + "}\n    sink: {connection: disk, key: k}\n" +
                           std::string(schedule));
  return settings.jobs.empty() ? Schedule() : settings.jobs[0].settings.schedule;
}

TEST(Settings, ScheduleByTheCursorUnlessTold) {
  EXPECT_EQ(schedule_of("table: t", "").kind, Schedule::Kind::manual);
  const Schedule polling = schedule_of("table: t, cursor: c", "");
  EXPECT_EQ(polling.kind, Schedule::Kind::fetch_delay);
  EXPECT_EQ(polling.fetch_delay, milliseconds(5000));
  EXPECT_EQ(schedule_of("table: t, cursor: c", "    schedule: manual\n").kind,
            Schedule::Kind::manual);
  EXPECT_EQ(schedule_of("table: t", "    schedule: {fetch_delay: 1h}\n").fetch_delay,
            milliseconds(3'600'000));
  EXPECT_EQ(schedule_of("table: t", "    schedule: {cron: '@daily'}\n").timezone, "UTC");
}

TEST(Settings, TakeYamlsOldBooleansAsWordsWhereWordsStand) {
  YamlFile file;
  load_right(file, std::string(kConnections) +
                       "jobs:\n  m:\n"
                       "    source: {connection: shop, table: t, late_commits: off}\n"
                       "    sink: {connection: search, index: i, create: off, validate: no}\n");
}

TEST(Settings, FillMergeKeysIn) {
  YamlFile file;
  const Settings settings =
      load_right(file, std::string(kConnections) +
                           "jobs:\n"
                           "  a: &a\n    source: {connection: shop, table: t}\n"
                           "    sink: {connection: disk, key: k}\n    batch: {rows: 5}\n"
                           "  b: {<<: *a, sink: {connection: disk, key: other}}\n");
  ASSERT_EQ(settings.jobs.size(), 2u);
  EXPECT_EQ(settings.jobs[1].settings.batch.rows_max, 5u);
  EXPECT_EQ(settings.jobs[1].sink_text, "disk other");
}

TEST(Settings, TellAllProblemsAtOnceInTheOrderOfTheFile) {
  YamlFile file;
  const LoadResult result = file.load(
      "daemon:\n"
      "  listen: nowhere\n"
      "  history_runs: -1\n"
      "jobs:\n"
      "  m:\n"
      "    sink: {connection: disk}\n"
      "    source: {connection: shop, table: t, colums: [id]}\n"
      "    retry: {jitter: 2}\n"
      "connections:\n"
      "  shop: {type: postgres, dsn: '${DSN}'}\n"
      "  disk: {type: file, path: out, path: again}\n"
      "extra: 1\n");
  const std::string name = (file.folder() / "app.yaml").string();
  EXPECT_EQ(result.problems.to_text(),
            name +
                ":2: daemon.listen: must be IP:PORT, localhost:PORT, [IPV6]:PORT (a port of "
                "at most 65535) or unix:PATH (of at most 107 bytes)\n" +
                name +
                ":3: daemon.history_runs: must be a whole number between 1 and 10000000, not "
                "'-1'\n" +
                name + ":6: jobs.m.sink.key: is missing\n" + name +
                ":7: jobs.m.source.colums: unknown key, did you mean 'columns'?\n" + name +
                ":8: jobs.m.retry.jitter: must be a number between 0 and 1, not '2'\n" + name +
                ":10: connections.shop.dsn: the environment variable DSN is not set and has "
                "no default\n" +
                name + ":11: connections.disk.path: duplicate key, first given in line 11\n" +
                name + ":12: extra: unknown key, did you mean 'jobs'?\n");
}

TEST(Settings, NeverTellASecret) {
  YamlFile file;
  file.write("secret", "hunter2-from-file\n");
  file.environment["TOKEN"] = "hunter2-from-environment";
  const std::string problems =
      file.load(
              "connections:\n"
              "  a: {type: postgres, dsn: d, password: hunter2-plain, max_sessions: "
              "hunter2-plain}\n"
              "  b: {type: postgres, dsn: d, statement_timeout: '${file:secret}'}\n"
              "  c: {type: elasticsearch, urls: [u], api_key: [hunter2-list], ca_file: "
              "'${TOKEN}'}\n"
              "  d: {type: postgres, dsn: d, pasword: hunter2-typo}\n"
              "  e: {type: postgres, dsn: d, password: {value: hunter2-map}}\n"
              "daemon: {history_runs: '${TOKEN}', listen: '${TOKEN}', state: {store: '${TOKEN}'}}\n"
              "jobs: {m: {source: {connection: '${TOKEN}'}, schedule: {cron: '${TOKEN}'}}}\n")
          .problems.to_text();
  EXPECT_THAT(problems, Not(HasSubstr("hunter2")));
  EXPECT_THAT(problems, HasSubstr("not '${file:secret}'"));
  EXPECT_THAT(problems, HasSubstr("not '***'"));
}

}  // namespace
}  // namespace rowferry::config
