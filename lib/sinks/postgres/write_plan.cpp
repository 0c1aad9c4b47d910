#include "sinks/postgres/write_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "connections/postgres/closed_type.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres_sink {
namespace {

// The binary form of a type does not depend on its length or precision; the server sees to those.
bool takes_as_it_is(const TargetColumn& column, const Type& type) {
  const auto closed = connections::closed_type(column.type, -1);
  return closed && closed->element == type.element && closed->is_array == type.is_array;
}

WrittenColumn written(const Schema& schema, std::size_t index, const TargetColumn& target) {
  const Column& column = schema.columns[index];
  WrittenColumn made;
  made.index = index;
  made.name = column.name;
  made.cell_type = cell_type(column.type);
  made.target_type = target.declared;
  made.is_direct = takes_as_it_is(target, column.type);
  return made;
}

std::vector<std::string> key_names(const Schema& schema) {
  std::vector<std::string> names;
  for (const std::size_t index : schema.key) {
    const Column& column = schema.columns[index];
    if (column.identity_only) {
      throw Error(Failure::config,
                  fmt::format("the key column {} is not among source.columns: a table cannot be "
                              "written without it; add it there, or use sink.write: append",
                              column.name));
    }
    names.push_back(column.name);
  }
  return names;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) {
    quoted.push_back(pq::quote_identifier(name));
  }
  return fmt::format("{}", fmt::join(quoted, ", "));
}

void refuse_missing_index(const TargetTable& target, const std::vector<std::string>& key) {
  if (key.empty()) {
    throw Error(Failure::config,
                "the source has no key, and rows that change could not be told apart: give "
                "source.key, or use sink.write: append or replace");
  }
  const std::set<std::string> wanted(key.begin(), key.end());
  const bool known = std::ranges::any_of(target.unique_keys, [&](const auto& names) {
    return std::set<std::string>(names.begin(), names.end()) == wanted;
  });
  if (!known) {
    throw Error(Failure::config,
                fmt::format("{0} has no unique index over the key: CREATE UNIQUE INDEX "
                            "CONCURRENTLY ON {0} ({1})",
                            target.sql, quoted_list(key)))
        .with_reason("no_unique_index");
  }
}

void refuse_unset_columns(const Schema& schema, const TargetTable& target) {
  for (const TargetColumn& column : target.columns) {
    const auto index = schema.find(column.name);
    const bool is_sent = index && !schema.columns[*index].identity_only;
    if (column.not_null && !column.has_default && !is_sent) {
      throw Error(Failure::config,
                  fmt::format("column {0} of {1} must have a value, and the source sends none: "
                              "ALTER TABLE {1} ALTER COLUMN {2} SET DEFAULT ..., or DROP NOT NULL",
                              column.name, target.sql, pq::quote_identifier(column.name)));
    }
  }
}

}  // namespace

std::string cell_type(const Type& type) {
  Type bare = type;
  bare.precision = 0;
  bare.scale = 0;
  bare.length = 0;
  return to_string(bare);
}

std::vector<std::size_t> missing_columns(const Schema& schema, const TargetTable& target) {
  std::vector<std::size_t> missing;
  for (std::size_t index = 0; index < schema.columns.size(); ++index) {
    const Column& column = schema.columns[index];
    if (!column.identity_only && target.find(column.name) == nullptr) {
      missing.push_back(index);
    }
  }
  return missing;
}

WritePlan make_write_plan(const Schema& schema, const TargetTable& target,
                          const SinkSettings& settings) {
  WritePlan plan;
  plan.target = settings.write == WriteMode::replace ? std::string(kClone) : target.sql;
  std::vector<std::string> key;
  if (settings.write == WriteMode::upsert) {
    key = key_names(schema);
    refuse_missing_index(target, key);
  }
  refuse_unset_columns(schema, target);
  for (std::size_t index = 0; index < schema.columns.size(); ++index) {
    const TargetColumn* column = target.find(schema.columns[index].name);
    if (schema.columns[index].identity_only || column == nullptr || column->is_generated) {
      continue;
    }
    WrittenColumn made = written(schema, index, *column);
    made.is_key = std::ranges::find(key, made.name) != key.end();
    made.is_updated = !made.is_key && !column->always_identity;
    plan.has_identity = plan.has_identity || column->always_identity;
    plan.columns.push_back(std::move(made));
  }
  for (const std::string& name : key) {
    const auto found = std::ranges::find(plan.columns, name, &WrittenColumn::name);
    if (found == plan.columns.end()) {
      throw Error(Failure::config, fmt::format("the key column {} of {} is generated by the server",
                                               name, target.sql));
    }
    plan.key.push_back(static_cast<std::size_t>(found - plan.columns.begin()));
  }
  plan.is_direct = std::ranges::all_of(plan.columns, &WrittenColumn::is_direct);
  return plan;
}

}  // namespace rowferry::postgres_sink
