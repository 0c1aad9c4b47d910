#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connections/postgres/postgres_connection.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/projection.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::postgres {

/// A table of films as the catalog would describe it, a job that reads it, and no server.
class Lab {
 public:
  Lab();

  /// A pass over the table as it, the settings and the mode are now.
  Pass pass();
  Projection projection(Purpose purpose, bool with_ctid);

  SourceSettings settings;
  Table table;
  Mode mode = Mode::exact;

 private:
  test::TestLoop loop_;

 public:
  RunContext context;

 private:
  connections::PostgresConnection connection_;
  Incarnations incarnations_;
};

/// A column of the catalog.
TableColumn make_column(const std::string& name, ColumnType type, const std::string& cell_type);

/// A tuple of a binary COPY: nothing for NULL.
std::string make_tuple(const std::vector<std::optional<std::string>>& fields);

/// Values in binary form.
std::string int64_bytes(std::int64_t value);
std::string tid_bytes(std::uint32_t block, std::uint16_t offset);

}  // namespace rowferry::postgres
