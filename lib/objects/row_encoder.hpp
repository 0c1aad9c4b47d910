#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/buffer.hpp"
#include "core/batch.hpp"
#include "formats/csv.hpp"
#include "formats/ndjson.hpp"
#include "objects/encoded_rows.hpp"
#include "objects/object_settings.hpp"

namespace rowferry {

/// Turns batches of one schema into the bytes of objects. Has no state between batches: several
/// threads may use one.
class RowEncoder {
 public:
  /// Throws Error{config} when the key names a column that does not reach the sink, or when with
  /// change columns the table has a column of their names.
  RowEncoder(SchemaPointer schema, const ObjectSettings& settings);

  [[nodiscard]] const SchemaPointer& schema() const { return schema_; }

  /// What every object begins with; empty for NDJSON.
  [[nodiscard]] const std::string& header() const { return header_; }
  /// Bytes of the line end of each row.
  [[nodiscard]] std::size_t line_end_bytes() const { return line_end_bytes_; }

  /// Replaces `rows` by the batch's. A row that cannot be encoded is an issue, the others follow.
  void encode(const Batch& batch, EncodedRows& rows) const;

 private:
  void append_row(const Batch& batch, std::size_t row, Buffer& out) const;
  [[nodiscard]] std::vector<std::string> column_values(const Batch& batch, std::size_t row) const;

  class Grouping;

  SchemaPointer schema_;
  std::variant<NdjsonEncoder, CsvEncoder> format_;
  std::vector<std::size_t> columns_;  ///< of `{column:..}`
  std::string header_;
  std::size_t line_end_bytes_ = 1;
};

}  // namespace rowferry
