#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.hpp"

namespace rowferry::test {

/// A row of the tests' table; without a title it is NULL, a removal has only its id.
struct TestRow {
  std::int64_t id = 0;
  std::optional<std::string> title;
  Operation operation = Operation::upsert;

  bool operator==(const TestRow&) const = default;
};

/// A removal of the row of that id.
[[nodiscard]] TestRow removal(std::int64_t id);

/// What a target holds in the end: title by id.
using TestContent = std::map<std::int64_t, std::optional<std::string>>;

/// Table `films`: `id bigint` (identity and key), `title text`, and the further text columns.
[[nodiscard]] SchemaPointer test_schema(std::initializer_list<std::string_view> further = {});

/// A bigint in PostgreSQL's binary form.
[[nodiscard]] std::string int64_binary(std::int64_t value);
/// The reverse of `int64_binary`.
[[nodiscard]] std::int64_t int64_value(std::string_view binary);

/// Replaces the batch's content by these rows; further text columns hold `<column> of <id>`.
void fill(Batch& batch, const SchemaPointer& schema, const std::vector<TestRow>& rows,
          std::int64_t sequence);

/// A new batch with these rows.
[[nodiscard]] Batch make_batch(const SchemaPointer& schema, const std::vector<TestRow>& rows,
                               std::int64_t sequence);

/// One row of a batch as a TestRow.
[[nodiscard]] TestRow test_row(const Batch& batch, std::size_t row);

/// `content` after these rows were applied in order.
void apply_rows(TestContent& content, const std::vector<TestRow>& rows);

}  // namespace rowferry::test
