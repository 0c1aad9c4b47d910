#pragma once

#include <string>
#include <vector>

#include "core/preflight.hpp"
#include "sources/postgres/catalog_facts.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// Pure judgements of a table against the settings of a job: facts in, findings out, each with the
/// SQL that mends it. `table` was described without the configured columns, so that all that are
/// missing are found at once; `key` is the configured one, else the primary key.
struct Judged {
  const Table& table;
  const SourceSettings& settings;
  const CatalogFacts& facts;
};

/// The columns that identify a row.
[[nodiscard]] const std::vector<std::string>& key_of(const Table& table,
                                                     const SourceSettings& settings);

/// Every configured column must exist.
[[nodiscard]] std::vector<Finding> judge_names(const Judged& judged);

/// Key and cursor: there, of a type that can be used, not NULL, unique. Nothing is said of columns
/// that do not exist.
[[nodiscard]] std::vector<Finding> judge_columns(const Judged& judged);

/// SELECT on what is read, and rows that security policies hide.
[[nodiscard]] std::vector<Finding> judge_privileges(const Judged& judged);

/// An index on (cursor, key), for the table or for each of its partitions or children.
[[nodiscard]] std::vector<Finding> judge_indexes(const Judged& judged);

/// Whether a trigger stamps the cursor on each UPDATE.
[[nodiscard]] std::vector<Finding> judge_stamps(const Judged& judged);

/// How the table is stored: statistics, and what a crash of the server does to it.
[[nodiscard]] std::vector<Finding> judge_storage(const Judged& judged);

/// How late commits are found, and why not better.
[[nodiscard]] Finding judge_late_commits(const Judged& judged, Mode mode);

/// The zone in which a cursor without time zone should be stamped.
[[nodiscard]] std::string stamp_zone(const SourceSettings& settings);

/// Whether it can have triggers and be altered: no view, query or foreign table.
[[nodiscard]] bool is_table(const Table& table);

/// Whether it can have indexes: a table or a materialized view.
[[nodiscard]] bool has_indexes(const Table& table);

/// Whether a cursor may be of this type.
[[nodiscard]] bool is_time(const Type& type);

}  // namespace rowferry::postgres
