#include "tests/integration/postgres_source/source_lab.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

#include "base/buffer.hpp"
#include "core/cell_text.hpp"

namespace rowferry::test {
namespace {

std::string database() { return fmt::format("rowferry_source_{}", getpid()); }

std::string text_of(const Batch& batch, std::size_t row, std::size_t column) {
  const Cell& cell = batch.cell(row, column);
  if (cell.is_null()) {
    return "NULL";
  }
  Buffer text;
  append_cell_text(batch.schema().columns[column].type, batch.value(cell), text);
  return std::string(text.view());
}

void append(std::string& list, const std::string& text) {
  list += (list.empty() ? "" : "|") + text;
}

std::string key_of(const Batch& batch, std::size_t row) {
  std::string key;
  for (const std::size_t column : batch.schema().identity) {
    append(key, text_of(batch, row, column));
  }
  return key;
}

std::string row_of(const Batch& batch, std::size_t row) {
  std::string cells;
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    if (!batch.schema().columns[column].identity_only) {
      append(cells, text_of(batch, row, column));
    }
  }
  return cells;
}

}  // namespace

void Replica::take(const Batch& batch) {
  for (const RowIssue& issue : batch.issues) {
    refused.push_back(key_of(batch, issue.row));
  }
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const std::string key =
        batch.schema().identity.empty() ? std::to_string(rows.size()) : key_of(batch, row);
    if (batch.operation(row) == Operation::remove) {
      rows.erase(key);
      ++removals;
    } else {
      rows[key] = row_of(batch, row);
      ++upserts;
    }
  }
}

void SourceTest::SetUpTestSuite() {
  TestLoop loop;
  run_sql(loop, fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", database()));
  run_sql(loop, fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", database()));
}

void SourceTest::TearDownTestSuite() {
  TestLoop loop;
  run_sql(loop, fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", database()));
}

std::string SourceTest::dsn() { return with(shared_server().dsn, "dbname=" + database()); }

SourceTest::SourceTest()
    : sequence_(loop.executor(), loop.clock(), 0, [](std::int64_t) -> Task<> { co_return; }),
      context_(loop.context(1)) {
  session_ = session();
  sql("DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s");
  context_.sequence = &sequence_;
  settings.job = "films";
  settings.table = "s.film";
  settings.cursor = "updated_at";
  server.dsn = dsn();
  server.sessions_max = 6;
}

SourceTest::~SourceTest() {
  close();
  source_.reset();
  if (connection_) {
    loop.run(connection_->close());
  }
}

std::unique_ptr<pq::Session> SourceTest::session(const std::string& user) {
  pq::ConnectSettings wanted = shared_server();
  wanted.dsn = with(dsn(), "user=" + user);
  auto opened = open_session(loop, wanted);
  sql_in(*opened, "SET search_path = s, public");
  return opened;
}

std::string SourceTest::sql_in(pq::Session& session, const std::string& text) {
  const pq::Statement statement{"testing", text};
  const pq::Result found = loop.run(session.query(statement));
  return found.rows() > 0 ? std::string(found.text(0, 0)) : std::string();
}

std::string SourceTest::sql(const std::string& text) { return sql_in(*session_, text); }

std::map<std::string, std::string> SourceTest::rows_of(const std::string& query) {
  const pq::Statement statement{"testing", query};
  const pq::Result found = loop.run(session_->query(statement));
  std::map<std::string, std::string> rows;
  for (int row = 0; row < found.rows(); ++row) {
    rows[std::string(found.text(row, 0))] = found.text(row, 1);
  }
  return rows;
}

void SourceTest::restart() {
  close();
  source_.reset();
  if (connection_) {
    loop.run(connection_->close());
  }
  connection_ = std::make_shared<connections::PostgresConnection>("shop", server, loop.runtime());
  source_ = std::make_unique<postgres::PostgresSource>(settings, connection_, loop.runtime());
}

SourceOpened SourceTest::open() {
  if (!source_) {
    restart();
  }
  context_.limits = limits;
  context_.type = type;
  context_.started = run_started;
  context_.removes_unselected = removes_unselected;
  return loop.run(source_->open(context_, position));
}

bool SourceTest::next() {
  const bool more = loop.run(source_->next(batch_));
  replica.take(batch_);
  position = batch_.position;
  return more;
}

std::size_t SourceTest::pass() {
  const std::size_t before = replica.upserts + replica.removals;
  open();
  while (next()) {
  }
  return replica.upserts + replica.removals - before;
}

void SourceTest::close() {
  if (source_) {
    loop.run(source_->close());
  }
}

Error SourceTest::failure() {
  try {
    pass();
  } catch (const Error& error) {
    close();
    return error;
  }
  throw std::runtime_error("nothing failed");
}

}  // namespace rowferry::test
