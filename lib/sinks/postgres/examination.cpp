// What `PostgresSink::examine` finds: nothing is made, and no unit is taken over.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "core/cell_text.hpp"
#include "pq/quote.hpp"
#include "sinks/postgres/making.hpp"
#include "sinks/postgres/postgres_sink.hpp"
#include "sinks/postgres/statements.hpp"

namespace rowferry {
namespace {

using postgres_sink::TargetColumn;
using postgres_sink::TargetTable;
using postgres_sink::WriteMode;

// Pieces of COPY: ours, and libpq's copy of it, grown by doubling.
constexpr std::size_t kPieceBytesMax = 1u << 20;

constexpr std::string_view kCheckpointRights = R"(
SELECT CASE WHEN to_regclass('rowferry.checkpoint') IS NULL
            THEN has_database_privilege(current_database(), 'CREATE')
            ELSE has_table_privilege('rowferry.checkpoint', 'SELECT')
             AND has_table_privilege('rowferry.checkpoint', 'INSERT')
             AND has_table_privilege('rowferry.checkpoint', 'UPDATE') END)";

// The first schema of the path takes tables without one.
constexpr std::string_view kSchemaRights = R"(
SELECT CASE WHEN {0} = '' THEN has_schema_privilege(current_schema(), 'CREATE')
            WHEN to_regnamespace(quote_ident({0})) IS NULL
            THEN has_database_privilege(current_database(), 'CREATE')
            ELSE has_schema_privilege({0}, 'CREATE') END)";

std::vector<std::string> rights_needed(WriteMode write) {
  switch (write) {
    case WriteMode::append:
      return {"SELECT", "INSERT"};
    case WriteMode::replace:
      return {"SELECT", "INSERT", "TRUNCATE"};
    case WriteMode::upsert:
      return {"SELECT", "INSERT", "UPDATE", "DELETE"};
  }
  return {};
}

Finding wrong_right(const std::string& statement) {
  Finding finding;
  finding.severity = Severity::refused;
  finding.text = "the connection's user may not write there";
  finding.remedy = statement;
  return finding;
}

Finding good(std::string text) {
  Finding finding;
  finding.text = std::move(text);
  return finding;
}

std::string row_text(const Batch& batch, std::size_t row) {
  std::vector<std::string> cells;
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    const Cell& cell = batch.cell(row, column);
    Buffer text;
    if (!cell.is_null()) {
      append_cell_text(batch.schema().columns[column].type, batch.value(cell), text);
    }
    cells.push_back(fmt::format("{} = {}", batch.schema().columns[column].name,
                                cell.is_null() ? "NULL" : text.view()));
  }
  return fmt::format("{}", fmt::join(cells, ", "));
}

// What the sink would add before it writes.
void add_missing(const Schema& schema, const std::vector<std::string>& types, TargetTable& target,
                 SinkExamination& result) {
  for (const std::size_t index : postgres_sink::missing_columns(schema, target)) {
    TargetColumn column;
    column.name = schema.columns[index].name;
    column.declared = types[index];
    result.creations.push_back({fmt::format("column {} of {}", column.name, target.sql),
                                postgres_sink::add_column_sql(target, column.name, types[index])});
    target.columns.push_back(std::move(column));
  }
}

}  // namespace

Task<SinkExamination> PostgresSink::examine(SinkExaminationRequest request) {
  SinkExamination result;
  std::optional<Error> failure;
  try {
    connections::Lease lease = co_await server_->borrow(connections::Priority::live);
    lease_ = std::move(lease);
    co_await examine_target(request, result);
  } catch (const Error& error) {
    failure = error;
  }
  lease_.release();
  if (failure) {
    result.findings.push_back(finding_of(*failure));
  }
  co_return result;
}

Task<bool> PostgresSink::may(std::string condition) {
  const pq::Statement asked = statement("looking at privileges on", std::move(condition));
  const pq::Result found = co_await lease_->query(asked);
  co_return found.boolean(0, 0);
}

Task<> PostgresSink::examine_target(const SinkExaminationRequest& request,
                                    SinkExamination& result) {
  std::string rights(kCheckpointRights);
  const bool keeps_checkpoints = co_await may(std::move(rights));
  if (!keeps_checkpoints) {
    result.findings.push_back(
        wrong_right("GRANT CREATE ON DATABASE ... (for the schema rowferry), or make the table "
                    "rowferry.checkpoint and GRANT SELECT, INSERT, UPDATE ON it"));
  }
  std::optional<TargetTable> target = co_await postgres_sink::read_target(*lease_, settings_.table);
  if (target) {
    co_await examine_rights(*target, result);
  } else if (!settings_.create) {
    refuse_missing_target();
  }
  if (request.schema == nullptr) {
    co_return;
  }
  schema_ = request.schema;
  const std::vector<std::string> types =
      co_await postgres_sink::types_to_make(*lease_, request.schema);
  if (target) {
    co_await examine_columns(*std::move(target), types, result);
  } else {
    co_await examine_making(types, result);
  }
  if (request.depth == Depth::plan) {
    describe(request, types, result);
  }
}

Task<> PostgresSink::examine_rights(const TargetTable& target, SinkExamination& result) {
  const std::string name = pq::quote_literal(target.sql);
  std::vector<std::string> missing;
  for (const std::string& right : rights_needed(settings_.write)) {
    std::string asked = fmt::format("SELECT has_table_privilege({}, '{}')", name, right);
    const bool is_given = co_await may(std::move(asked));
    if (!is_given) {
      missing.push_back(right);
    }
  }
  if (!missing.empty()) {
    result.findings.push_back(
        wrong_right(fmt::format("GRANT {} ON {} TO ...", fmt::join(missing, ", "), target.sql)));
  }
}

Task<> PostgresSink::examine_columns(TargetTable target, std::vector<std::string> types,
                                     SinkExamination& result) {
  const auto missing = postgres_sink::missing_columns(*schema_, target);
  if (!missing.empty()) {
    refuse_missing_columns(target, missing);
    add_missing(*schema_, types, target, result);
  }
  plan_ = postgres_sink::make_write_plan(*schema_, target, settings_);
  co_await postgres_sink::refuse_type_conflicts(*lease_, schema_, plan_);
  result.findings.push_back(good(fmt::format("table {} takes the rows", target.sql)));
}

Task<> PostgresSink::examine_making(const std::vector<std::string>& types,
                                    SinkExamination& result) {
  const postgres_sink::QualifiedName name =
      co_await postgres_sink::parse_name(*lease_, settings_.table);
  std::string asked = fmt::format(fmt::runtime(kSchemaRights), pq::quote_literal(name.schema));
  const bool may_make = co_await may(std::move(asked));
  if (!may_make) {
    result.findings.push_back(wrong_right(fmt::format(
        "GRANT CREATE ON SCHEMA {} TO ...", name.schema.empty() ? "public" : name.schema)));
  }
  if (settings_.write == WriteMode::upsert && schema_->key.empty()) {
    throw Error(Failure::config,
                "the source has no key, and rows that change could not be told apart: give "
                "source.key, or use sink.write: append or replace");
  }
  result.creations.push_back({fmt::format("table {}", settings_.table),
                              postgres_sink::create_table_sql(name, *schema_, types)});
}

void PostgresSink::describe(const SinkExaminationRequest& request,
                            const std::vector<std::string>& types, SinkExamination& result) const {
  for (std::size_t index = 0; index < request.schema->columns.size(); ++index) {
    const Column& column = request.schema->columns[index];
    std::string form = types[index];
    for (const postgres_sink::WrittenColumn& written : plan_.columns) {
      form = written.index == index ? written.target_type : form;
    }
    result.forms.push_back(column.identity_only ? "" : form);
  }
  result.buffers.push_back({"sending: pieces of COPY", kPieceBytesMax});
  if (request.samples != nullptr) {
    for (std::size_t row = 0; row < request.samples->rows(); ++row) {
      result.samples.push_back(row_text(*request.samples, row));
    }
  }
}

}  // namespace rowferry
