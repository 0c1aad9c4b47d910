#include "formats/ndjson.hpp"

#include "base/digits.hpp"

namespace rowferry {

NdjsonEncoder::NdjsonEncoder(SchemaPointer schema, ChangeColumns change_columns)
    : rows_(std::move(schema)), change_columns_(change_columns) {}

void NdjsonEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  rows_.append_row(batch, row, out);
  if (change_columns_ == ChangeColumns::yes) {
    const bool has_members = out.view()[out.size() - 2] != '{';
    out.truncate(out.size() - 1);
    out.append(has_members ? ",\"_op\":" : "\"_op\":");
    out.append(batch.operation(row) == Operation::remove ? "\"delete\"" : "\"upsert\"");
    out.append(",\"_sequence\":");
    out.commit_to(write_integer(batch.sequence, out.prepare(kIntegerTextMax)));
    out.append('}');
  }
  out.append('\n');
}

}  // namespace rowferry
