#include "tests/integration/types/typed_table.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

#include "base/big_endian.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "sources/postgres/postgres_source.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using connections::PostgresConnection;
using connections::PostgresSettings;
using postgres::PostgresSource;

std::string database_name() { return fmt::format("rowferry_types_{}", getpid()); }

void append_rows(const Batch& batch, ReadColumn& column) {
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const auto id = load_big_endian<std::int32_t>(batch.value(row, 0).data());
    const Cell& cell = batch.cell(row, 1);
    if (!cell.is_null()) {
      column.cells.at(static_cast<std::size_t>(id)) = std::string(batch.value(cell));
    }
  }
}

/// A full copy, batch by batch, as the engine asks for it.
Task<std::size_t> read_all(PostgresSource& source, const RunContext& context, ReadColumn& column) {
  std::size_t rows = 0;
  const Position beginning;
  const SourceOpened opened = co_await source.open(context, beginning);
  column.type = opened.schema->columns.at(1).type;
  Batch batch;
  for (;;) {
    const bool more = co_await source.next(batch);
    if (!more) break;
    if (!batch.issues.empty()) throw std::runtime_error(batch.issues.front().reason);
    append_rows(batch, column);
    rows += batch.rows();
  }
  co_await source.close();
  co_return rows;
}

}  // namespace

TypesDatabase::TypesDatabase() {
  const std::string name = database_name();
  run_sql(loop_, fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name));
  pq::ConnectSettings settings = shared_server();
  dsn_ = with(settings.dsn, "dbname=" + name);
  settings.dsn = dsn_;
  session_ = open_session(loop_, settings);
}

TypesDatabase::~TypesDatabase() {
  session_.reset();
  run_sql(loop_, fmt::format("DROP DATABASE {} WITH (FORCE)", database_name()));
}

pq::Result TypesDatabase::query(const std::string& sql) {
  const pq::Statement statement{"testing types", sql};
  return loop_.run(session_->query(statement));
}

void TypesDatabase::fill(const TypeCase& type, const std::vector<std::string>& values) {
  query("DROP SCHEMA IF EXISTS types_test CASCADE; CREATE SCHEMA types_test");
  if (!type.definition.empty()) {
    query(type.definition);
  }
  query(fmt::format("CREATE TABLE types_test.t (id integer PRIMARY KEY, v {})", type.type));
  constexpr std::size_t kRowsMax = 1000;
  for (std::size_t first = 0; first < values.size(); first += kRowsMax) {
    std::string sql = "INSERT INTO types_test.t VALUES ";
    const std::size_t last = std::min(values.size(), first + kRowsMax);
    for (std::size_t index = first; index < last; ++index) {
      sql += fmt::format("{}({}, {})", index > first ? "," : "", index, values[index]);
    }
    query(sql);
  }
}

postgres::SourceSettings TypesDatabase::settings(const std::string& table) {
  postgres::SourceSettings settings;
  settings.job = "types";
  settings.table = table;
  return settings;
}

ReadColumn TypesDatabase::read() {
  const pq::Result count = query("SELECT count(*) FROM types_test.t");
  const auto rows_expected = static_cast<std::size_t>(count.integer(0, 0));
  ReadColumn column;
  column.cells.resize(rows_expected);
  PostgresSettings server;
  server.dsn = dsn_;
  auto connection = std::make_shared<PostgresConnection>("types", server, loop_.runtime());
  SequenceAllotter sequence(loop_.executor(), loop_.clock(), 0,
                            [](std::int64_t) -> Task<> { co_return; });
  RunContext context = loop_.context(1);
  context.full_copy = true;
  context.sequence = &sequence;
  {
    PostgresSource source(settings("types_test.t"), connection, loop_.runtime());
    const std::size_t rows = loop_.run(read_all(source, context, column));
    if (rows != rows_expected) throw std::runtime_error(fmt::format("{} rows were read", rows));
  }
  loop_.run(connection->close());
  return column;
}

postgres::Table TypesDatabase::describe(const std::string& table) {
  const postgres::SourceSettings wanted = settings(table);
  return loop_.run(postgres::describe_table(*session_, wanted));
}

}  // namespace rowferry::test
