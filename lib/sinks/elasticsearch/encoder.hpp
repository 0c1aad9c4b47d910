#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/buffer.hpp"
#include "core/row_json.hpp"
#include "sinks/elasticsearch/cell_template.hpp"
#include "sinks/elasticsearch/settings.hpp"

namespace rowferry::elasticsearch {

/// The longest `_id` that a server takes.
inline constexpr std::size_t kIdBytesMax = 512;

/// Writes rows as lines of a `_bulk` request: an index or delete action with the row's id, external
/// version = the batch's sequence, and the document. Made per schema, has no state between rows:
/// one encoder serves several threads.
/// (https://www.elastic.co/guide/en/elasticsearch/reference/8.8/docs-bulk.html)
class BulkEncoder {
 public:
  /// Memory that a caller keeps from row to row.
  struct Scratch {
    Buffer text;
    /// What stands between id and routing, and the sequence that it was made for.
    std::string version;
    std::int64_t sequence = -1;
  };

  /// Throws Error{config} when the schema has no identity or lacks a column of a template.
  BulkEncoder(SchemaPointer schema, const SinkSettings& settings);

  [[nodiscard]] const SchemaPointer& schema() const { return documents_.schema(); }
  [[nodiscard]] const RowText& id() const { return id_; }
  [[nodiscard]] const std::optional<RowText>& routing() const { return routing_; }

  /// Appends the lines of a row. Gives why the row can never be sent (an id that is empty, too long
  /// or of null cells, bytes that are no UTF-8); the buffer then has its former size.
  [[nodiscard]] std::optional<std::string> append_row(const Batch& batch, std::size_t row,
                                                      Scratch& scratch, Buffer& out) const;

 private:
  [[nodiscard]] std::optional<std::string> append_action(const Batch& batch, std::size_t row,
                                                         Scratch& scratch, Buffer& out) const;
  [[nodiscard]] std::optional<std::string> append_routing(const Batch& batch, std::size_t row,
                                                          Scratch& scratch, Buffer& out) const;

  JsonRowEncoder documents_;
  RowText id_;
  std::optional<RowText> routing_;
};

}  // namespace rowferry::elasticsearch
