#include "tests/support/test_rows.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace rowferry::test {

TestRow removal(std::int64_t id) { return {id, std::nullopt, Operation::remove}; }

SchemaPointer test_schema(std::initializer_list<std::string_view> further) {
  auto schema = std::make_shared<Schema>();
  schema->table = "films";
  schema->columns.push_back({"id", {ColumnType::int64}, "bigint", false, false});
  schema->columns.push_back({"title", {ColumnType::text}, "text", true, false});
  for (const std::string_view name : further) {
    schema->columns.push_back({std::string(name), {ColumnType::text}, "text", true, false});
  }
  schema->identity = {0};
  schema->key = {0};
  return schema;
}

std::string int64_binary(std::int64_t value) {
  std::string binary(8, '\0');
  auto rest = static_cast<std::uint64_t>(value);
  for (int index = 7; index >= 0; --index, rest >>= 8) {
    binary[static_cast<std::size_t>(index)] = static_cast<char>(rest & 0xff);
  }
  return binary;
}

std::int64_t int64_value(std::string_view binary) {
  std::uint64_t value = 0;
  for (const char byte : binary) {
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return static_cast<std::int64_t>(value);
}

void fill(Batch& batch, const SchemaPointer& schema, const std::vector<TestRow>& rows,
          std::int64_t sequence) {
  batch.clear(schema);
  batch.sequence = sequence;
  for (const TestRow& row : rows) {
    Cell* cells = batch.add_row(row.operation);
    cells[0] = batch.store(int64_binary(row.id));
    if (row.operation == Operation::remove) {
      continue;
    }
    cells[1] = row.title ? batch.store(*row.title) : Cell{};
    for (std::size_t column = 2; column < batch.columns(); ++column) {
      cells[column] = batch.store(fmt::format("{} of {}", schema->columns[column].name, row.id));
    }
  }
}

Batch make_batch(const SchemaPointer& schema, const std::vector<TestRow>& rows,
                 std::int64_t sequence) {
  Batch batch;
  fill(batch, schema, rows, sequence);
  return batch;
}

TestRow test_row(const Batch& batch, std::size_t row) {
  TestRow result;
  result.id = int64_value(batch.value(row, 0));
  result.operation = batch.operation(row);
  if (!batch.cell(row, 1).is_null()) {
    result.title = std::string(batch.value(row, 1));
  }
  return result;
}

void apply_rows(TestContent& content, const std::vector<TestRow>& rows) {
  for (const TestRow& row : rows) {
    if (row.operation == Operation::remove) {
      content.erase(row.id);
    } else {
      content[row.id] = row.title;
    }
  }
}

}  // namespace rowferry::test
