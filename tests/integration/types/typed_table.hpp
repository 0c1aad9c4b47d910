#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"
#include "pq/result.hpp"
#include "pq/session.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/table.hpp"
#include "tests/integration/types/random_values.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

/// A column `v` as the product's source hands it out: its type, and each row's cell.
struct ReadColumn {
  Type type;
  std::vector<std::optional<std::string>> cells;
};

/// A database of its own, gone at the end.
class TypesDatabase {
 public:
  TypesDatabase();
  ~TypesDatabase();
  TypesDatabase(const TypesDatabase&) = delete;
  TypesDatabase& operator=(const TypesDatabase&) = delete;

  /// Runs statements; the rows of the last one.
  pq::Result query(const std::string& sql);

  /// Makes table `types_test.t` with columns `id` (0, 1, ...) and `v`, with these values, and
  /// whatever `definition` the type needs; what was there before is gone.
  void fill(const TypeCase& type, const std::vector<std::string>& values);

  /// Reads the table with a full copy of the product's source.
  ReadColumn read();

  /// What the product's source makes of a table's columns.
  postgres::Table describe(const std::string& table);

  /// The settings of a source that reads a table in full.
  static postgres::SourceSettings settings(const std::string& table);

 private:
  TestLoop loop_;
  std::string dsn_;
  std::unique_ptr<pq::Session> session_;
};

}  // namespace rowferry::test
