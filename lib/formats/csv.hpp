#pragma once

#include <cstddef>
#include <vector>

#include "base/buffer.hpp"
#include "base/csv_text.hpp"
#include "core/batch.hpp"
#include "formats/change_columns.hpp"

namespace rowferry {

/// Rows as CSV: the canonical text of each cell (see append_cell_text) in the columns' order,
/// with change columns also those that are `identity_only`. Whether a file begins with a header is
/// its writer's choice. A removed row has its key's values and NULL elsewhere.
class CsvEncoder {
 public:
  CsvEncoder(SchemaPointer schema, CsvDialect dialect, ChangeColumns change_columns);

  /// The schema that it was made for.
  [[nodiscard]] const SchemaPointer& schema() const { return schema_; }

  /// Appends the line of column names.
  void append_header(Buffer& out) const;

  /// Appends one line. Throws Error{internal}, naming column and type, for a cell that is no value
  /// of its type; the buffer then has its former size.
  void append_row(const Batch& batch, std::size_t row, Buffer& out) const;

 private:
  struct Field {
    std::size_t column = 0;
    bool is_plain = false;  ///< no value of it can need quotes
  };

  void append_field(const Batch& batch, std::size_t row, const Field& field, Buffer& out) const;
  void append_change(const Batch& batch, std::size_t row, Buffer& out) const;

  SchemaPointer schema_;
  CsvFields fields_;
  ChangeColumns change_columns_;
  std::vector<Field> columns_;
};

}  // namespace rowferry
