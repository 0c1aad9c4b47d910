#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/batch.hpp"

namespace rowferry::elasticsearch {

/// Table `films` of text columns `names`, the first `identity_count` of which are the identity.
inline SchemaPointer text_schema(const std::vector<std::string>& names,
                                 std::size_t identity_count) {
  auto schema = std::make_shared<Schema>();
  schema->table = "films";
  for (const std::string& name : names) {
    Column column;
    column.name = name;
    column.source_type = "text";
    schema->columns.push_back(std::move(column));
  }
  for (std::size_t index = 0; index < identity_count; ++index) {
    schema->identity.push_back(index);
  }
  schema->key = schema->identity;
  return schema;
}

using TextCells = std::vector<std::optional<std::string>>;

/// Adds a row of text cells; nothing: null.
inline void add_row(Batch& batch, const TextCells& cells, Operation operation) {
  Cell* row = batch.add_row(operation);
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (cells[column]) {
      row[column] = batch.store(*cells[column]);
    }
  }
}

/// A batch of one row.
inline Batch one_row(const SchemaPointer& schema, const TextCells& cells,
                     Operation operation = Operation::upsert) {
  Batch batch;
  batch.clear(schema);
  batch.sequence = 7;
  add_row(batch, cells, operation);
  return batch;
}

}  // namespace rowferry::elasticsearch
