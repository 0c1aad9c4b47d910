#include "formats/ndjson.hpp"

#include <utility>

#include "base/digits.hpp"

namespace rowferry {

NdjsonEncoder::NdjsonEncoder(SchemaPointer schema, ChangeColumns change_columns)
    : rows_(std::move(schema), change_columns == ChangeColumns::yes ? IdentityColumns::written
                                                                    : IdentityColumns::left_out),
      change_columns_(change_columns) {}

void NdjsonEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  rows_.append_row(batch, row, out);
  if (change_columns_ == ChangeColumns::yes) {
    // Goes on where the object was closed.
    const bool is_empty = out.view().ends_with("{}");
    out.truncate(out.size() - 1);
    out.append(is_empty ? "\"_op\":\"" : ",\"_op\":\"");
    out.append(operation_word(batch.operation(row)));
    out.append("\",\"_sequence\":");
    out.commit_to(write_integer(batch.sequence, out.prepare(kIntegerTextMax)));
    out.append('}');
  }
  out.append('\n');
}

}  // namespace rowferry
