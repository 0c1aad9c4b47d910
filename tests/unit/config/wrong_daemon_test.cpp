// Everything that can be wrong under `daemon:` and `connections:`.
#include "load_yaml.hpp"

namespace rowferry::config {
namespace {

TEST(WrongDaemon, SaysWhichKeyAndWhy) {
  expect_wrong(
      "daemon:\n",
      {
          {"  listn: 127.0.0.1:1\n", 2, "daemon.listn", "did you mean 'listen'?"},
          {"  listen: 127.0.0.1\n", 2, "daemon.listen", "IP:PORT"},
          {"  listen: ':8470'\n", 2, "daemon.listen", "IP:PORT"},
          {"  listen: 127.0.0.1:70000\n", 2, "daemon.listen", "IP:PORT"},
          {"  listen: '[::1:8470'\n", 2, "daemon.listen", "IP:PORT"},
          {"  listen: 'unix:'\n", 2, "daemon.listen", "unix:PATH"},
          {"  listen: [a]\n", 2, "daemon.listen", "must be text, not a list"},
          {"  listen: 0.0.0.0:8470\n", 2, "daemon.listen",
           "tls and operate_token_file are required"},
          {"  listen: '[::]:8470'\n", 2, "daemon.listen",
           "tls and operate_token_file are required"},
          {"  listen: host.example:8470\n", 2, "daemon.listen", "must be IP:PORT"},
          {"  listen: 127.1:8470\n", 2, "daemon.listen", "must be IP:PORT"},
          {"  operate_token_file: missing\n", 2, "daemon.operate_token_file", "does not exist"},
          {"  read_token_file: /\n", 2, "daemon.read_token_file", "is a folder"},
          {"  read_token_file: /dev/null\n", 2, "daemon.read_token_file", "is empty"},
          {"  state: {store: redis}\n", 2, "daemon.state.store",
           "one of sqlite, yaml, postgres, not 'redis'"},
          {"  state: {store: postgres}\n", 2, "daemon.state.store", "not built yet"},
          {"  state: {schema: rowferry}\n", 2, "daemon.state.schema", "not built yet"},
          {"  state: {file: a.db}\n", 2, "daemon.state.file", "unknown key"},
          {"  history_runs: 0\n", 2, "daemon.history_runs", "between 1 and 10000000, not '0'"},
          {"  history_runs: 1e3\n", 2, "daemon.history_runs", "a whole number"},
          {"  history_runs: many\n", 2, "daemon.history_runs", "a whole number"},
          {"  history_runs: 99999999999999999999\n", 2, "daemon.history_runs", "a whole number"},
          {"  log:\n    level: loud\n", 3, "daemon.log.level", "one of trace, debug, info"},
          {"  log:\n    format: xml\n", 3, "daemon.log.format", "one of text, json, not 'xml'"},
          {"  log: {max_bytes: 64MB}\n", 2, "daemon.log.max_bytes", "a size such as 512KiB"},
          {"  log: {max_bytes: 1B}\n", 2, "daemon.log.max_bytes", "a size of at least 1KiB"},
          {"  log: {max_files: 0}\n", 2, "daemon.log.max_files", "between 1 and 1000"},
          {"  log: text\n", 2, "daemon.log", "must be a map"},
          {"  shutdown_grace: 30\n", 2, "daemon.shutdown_grace", "a duration such as 250ms"},
          {"  shutdown_grace: -1s\n", 2, "daemon.shutdown_grace", "a duration such as 250ms"},
          {"  shutdown_grace: 99999999999d\n", 2, "daemon.shutdown_grace", "a duration such as"},
          {"  listen: '${HOST}:1'\n", 2, "daemon.listen", "variable HOST is not set"},
          {"  listen: '${file:absent}'\n", 2, "daemon.listen",
           "absent cannot be read: No such file"},
          {"  listen: '${HOST'\n", 2, "daemon.listen", "without its }"},
          {"  listen: '${1ST}'\n", 2, "daemon.listen", "is not ${NAME}"},
          {"  listen: '${}'\n", 2, "daemon.listen", "is not ${NAME}"},
          {"  listen: '${file:}'\n", 2, "daemon.listen", "needs a path"},
          {"  state:\n    path: ${STATE_DIR}/state.db\n", 3, "daemon.state.path",
           "STATE_DIR is not set"},
      });
}

TEST(WrongDaemon, SaysWhatIsWrongWithTlsAndTheLimitsOfTheApi) {
  expect_wrong(
      "daemon:\n",
      {
          {"  tls: {certificate_file: a.pem, private_key_file: /etc/hostname}\n", 2,
           "daemon.tls.certificate_file", "a.pem does not exist"},
          {"  tls: {certificate_file: /etc/hostname}\n", 2, "daemon.tls.private_key_file",
           "go together"},
          {"  tls:\n    private_key_file: /etc/hostname\n", 2, "daemon.tls.certificate_file",
           "go together"},
          {"  tls: {certificate_file: /etc/hostname, private_key_file: /etc/hostname}\n", 2,
           "daemon.tls.certificate_file", "/etc/hostname holds no certificate in PEM form"},
          {"  api: {body_bytes_max: 1B}\n", 2, "daemon.api.body_bytes_max", "at least 1KiB"},
          {"  api: {connections_max: 0}\n", 2, "daemon.api.connections_max", "between 1 and"},
          {"  api: {header_timeout: 1ms}\n", 2, "daemon.api.header_timeout", "at least 100ms"},
          {"  api: {idle_timeout: 60}\n", 2, "daemon.api.idle_timeout", "a duration such as"},
          {"  api: {idel_timeout: 60s}\n", 2, "daemon.api.idel_timeout", "'idle_timeout'"},
      });
}

TEST(WrongDaemon, RefusesOneTokenForTwoScopes) {
  YamlFile file;
  file.write("operate", "open-sesame\n");
  file.write("read", "open-sesame");
  const std::string yaml = "daemon:\n  operate_token_file: operate\n  read_token_file: read\n";
  const LoadResult result = file.load(yaml);
  ASSERT_EQ(result.problems.list().size(), 1u) << result.problems.to_text();
  EXPECT_EQ(result.problems.list()[0].line, 3);
  EXPECT_EQ(result.problems.list()[0].key_path, "daemon.read_token_file");
  file.write("read", "look-only\n");
  EXPECT_TRUE(file.load(yaml).problems.empty());
}

TEST(WrongConnection, SaysWhichKeyAndWhy) {
  expect_wrong(
      "connections:\n",
      {
          {"  shop:\n", 2, "connections.shop", "is missing"},
          {"  shop: {dsn: host=db}\n", 2, "connections.shop.type", "is missing"},
          {"  shop: {type: mysql}\n", 2, "connections.shop.type",
           "one of postgres, elasticsearch, file"},
          {"  shop: {type: sqlite, path: a.db}\n", 2, "connections.shop.type", "not built yet"},
          {"  shop: {type: s3, bucket: b}\n", 2, "connections.shop.type", "not built yet"},
          {"  shop: {type: bigquery}\n", 2, "connections.shop.type", "not built yet"},
          {"  shop: {type: [postgres]}\n", 2, "connections.shop.type", "must be text, not a list"},
          {"  shop: postgres\n", 2, "connections.shop", "must be a map"},
          {"  a/b: {type: file, path: out}\n", 2, "connections.a/b", "a name is made of"},
          {"  shop:\n    type: postgres\n", 2, "connections.shop.dsn", "is missing"},
          {"  shop: {type: postgres, dsn: h, pasword: x}\n", 2, "connections.shop.pasword",
           "did you mean 'password'?"},
          {"  shop: {type: postgres, dsn: h, max_sessions: 1}\n", 2,
           "connections.shop.max_sessions", "between 2 and 1000"},
          {"  shop: {type: postgres, dsn: h, statement_timeout: 0s}\n", 2,
           "connections.shop.statement_timeout", "at least 1ms"},
          {"  shop: {type: postgres, dsn: h, replica_of: main}\n", 2, "connections.shop.replica_of",
           "not built yet"},
          {"  es: {type: elasticsearch, urls: http://es}\n", 2, "connections.es.urls",
           "must be a list"},
          {"  es: {type: elasticsearch, urls: []}\n", 2, "connections.es.urls", "is missing"},
          {"  es:\n    type: elasticsearch\n    urls:\n      - {a: b}\n", 5,
           "connections.es.urls[0]", "must be text"},
          {"  es: {type: elasticsearch, urls: [a, '']}\n", 2, "connections.es.urls[1]",
           "not be empty"},
          {"  es: {type: elasticsearch, urls: [a], ca_file: ca.pem}\n", 2, "connections.es.ca_file",
           "ca.pem does not exist"},
      });
}

}  // namespace
}  // namespace rowferry::config
