#pragma once

#include <cstddef>

#include "base/buffer.hpp"
#include "core/batch.hpp"
#include "core/row_json.hpp"
#include "formats/change_columns.hpp"

namespace rowferry {

/// Rows as newline-delimited JSON: one object (see JsonRowEncoder) and a line feed each. A removed
/// row has its key's values and null elsewhere.
class NdjsonEncoder {
 public:
  NdjsonEncoder(SchemaPointer schema, ChangeColumns change_columns);

  /// The schema that it was made for.
  [[nodiscard]] const SchemaPointer& schema() const { return rows_.schema(); }

  /// Appends one line. Throws Error{internal} for a cell that is no value of its type; the buffer
  /// then has its former size.
  void append_row(const Batch& batch, std::size_t row, Buffer& out) const;

 private:
  JsonRowEncoder rows_;
  ChangeColumns change_columns_;
};

}  // namespace rowferry
