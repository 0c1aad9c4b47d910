#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "core/batch.hpp"
#include "core/cell_text.hpp"
#include "core/schema.hpp"

namespace rowferry {

/// Whether a row is written with the columns that are `identity_only`.
enum class IdentityColumns : bool { left_out = false, written = true };

/// Writes rows of one schema as JSON objects, `{"id":1,"title":null}`: the columns in their order,
/// by default without those that are `identity_only`. The names are escaped once. Made per schema;
/// a batch with another schema needs another encoder. Has no state between rows: one encoder may
/// serve several threads.
class JsonRowEncoder {
 public:
  explicit JsonRowEncoder(SchemaPointer schema,
                          IdentityColumns identity = IdentityColumns::left_out);

  /// The schema that it was made for, to see whether a batch has a newer one.
  [[nodiscard]] const SchemaPointer& schema() const { return schema_; }

  /// Appends one row, without a line end. Throws Error{internal}, naming column and type, for a
  /// cell that is no value of its type; the buffer then has its former size.
  void append_row(const Batch& batch, std::size_t row, Buffer& out) const;

 private:
  struct Member {
    std::size_t column = 0;
    AppendCell append = nullptr;
    /// `{"name":` for the first, `,"name":` for the others, and blanks: whole words are copied.
    std::string prefix;
    std::size_t prefix_size = 0;
  };

  static void append_prefix(const Member& member, Buffer& out);

  SchemaPointer schema_;
  std::vector<Member> members_;
};

/// Appends the identity columns of a row as a JSON object, `{"id":1}`, in key order: the key of a
/// dead letter. Throws as `JsonRowEncoder::append_row` does.
void append_key_json(const Batch& batch, std::size_t row, Buffer& out);

}  // namespace rowferry
