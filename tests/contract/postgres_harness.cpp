#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "connections/postgres/postgres_connection.hpp"
#include "sinks/postgres/postgres_sink.hpp"
#include "tests/contract/sink_harnesses.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

std::string unique_schema() {
  static std::atomic<int> count = 0;
  return fmt::format("rowferry_sink_{}_{}", getpid(), ++count);
}

/// A schema of its own, and the checkpoints of the test's job forgotten at both ends.
class PostgresHarness : public SinkHarness {
 public:
  explicit PostgresHarness(TestLoop& loop) : loop_(loop), schema_(unique_schema()) {
    run_sql(loop_, fmt::format("CREATE SCHEMA {}", schema_));
    forget_checkpoints();
    settings_.table = schema_ + ".films";
  }
  ~PostgresHarness() override {
    connection_.reset();
    run_sql(loop_,
            fmt::format("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", schema_));
    forget_checkpoints();
  }
  PostgresHarness(const PostgresHarness&) = delete;
  PostgresHarness& operator=(const PostgresHarness&) = delete;

  /// A table whose key has another type than the cells.
  void make_other_types() {
    run_sql(loop_, fmt::format("CREATE TABLE {} (id numeric PRIMARY KEY, title varchar)",
                               settings_.table));
  }

  std::unique_ptr<Sink> make_sink() override {
    connections::PostgresSettings server;
    server.dsn = shared_server().dsn;
    connection_ = std::make_shared<connections::PostgresConnection>("aurora", std::move(server),
                                                                    loop_.runtime());
    return std::make_unique<PostgresSink>(connection_, settings_, loop_.runtime());
  }

  TestContent content() override {
    TestContent content;
    const auto session = open_session(loop_, shared_server());
    pq::Statement statement;
    statement.purpose = "reading the target";
    statement.sql = fmt::format("SELECT id, title FROM {} WHERE to_regclass('{}') IS NOT NULL",
                                table_or_nothing(), settings_.table);
    const pq::Result found = loop_.run(session->query(statement));
    for (int row = 0; row < found.rows(); ++row) {
      content[found.integer(row, 0)] = found.optional_text(row, 1);
    }
    return content;
  }

 private:
  /// A run without rows may have made no table.
  std::string table_or_nothing() {
    const std::string made =
        run_sql(loop_, fmt::format("SELECT to_regclass('{}') IS NOT NULL", settings_.table));
    return made == "t" ? settings_.table : "(SELECT 1 AS id, '' AS title LIMIT 0) AS nothing";
  }
  void forget_checkpoints() {
    run_sql(loop_,
            "DO $$ BEGIN IF to_regclass('rowferry.checkpoint') IS NOT NULL THEN "
            "DELETE FROM rowferry.checkpoint WHERE job = 'movies'; END IF; END $$");
  }

  TestLoop& loop_;
  std::string schema_;
  postgres_sink::SinkSettings settings_;
  std::shared_ptr<connections::PostgresConnection> connection_;
};

}  // namespace

std::unique_ptr<SinkHarness> make_postgres_harness(TestLoop& loop) {
  return std::make_unique<PostgresHarness>(loop);
}

std::unique_ptr<SinkHarness> make_postgres_staged_harness(TestLoop& loop) {
  auto harness = std::make_unique<PostgresHarness>(loop);
  harness->make_other_types();
  return harness;
}

}  // namespace rowferry::test
