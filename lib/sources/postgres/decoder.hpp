#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/batch.hpp"
#include "sources/postgres/projection.hpp"

namespace rowferry::postgres {

/// Where a row lies in its table (PostgreSQL: ItemPointerData).
struct Tid {
  std::uint32_t block = 0;
  std::uint16_t offset = 0;
  auto operator<=>(const Tid&) const = default;
};

/// Turns tuples of a binary COPY into rows of a batch: the tuple's bytes are copied once, the cells
/// point into them. Remembers of the last row what a position needs.
class Decoder {
 public:
  Decoder(Projection projection, bool text_is_unchecked);

  [[nodiscard]] const Projection& projection() const { return projection_; }

  /// Appends one row. A row that is too large, or holds text that is no UTF-8, is appended with its
  /// key alone and an entry in `batch.issues`. Throws Error{internal} for a tuple of another form.
  void append(std::string_view tuple, Batch& batch);

  /// Appends one row if it has the key and the cursor of the last one; false: it was not appended.
  [[nodiscard]] bool append_tie(std::string_view tuple, Batch& batch);

  /// The ctid of the last row.
  [[nodiscard]] Tid last_tid() const { return last_tid_; }
  /// The last row's cursor as the server's text; nothing when it was null.
  [[nodiscard]] std::optional<std::string> last_cursor(const Batch& batch) const;
  /// The last row's key as the server's texts.
  [[nodiscard]] std::vector<std::string> last_key(const Batch& batch) const;

 private:
  void point_cells(std::string_view tuple, std::uint32_t base, Batch& batch);
  void keep_key_only(Batch& batch, std::size_t row) const;
  [[noreturn]] void refuse_key(const Column& column, std::string_view what) const;
  [[nodiscard]] bool has_bad_text(const Batch& batch, std::size_t row) const;
  [[nodiscard]] bool is_tie(const Batch& batch, const Cell& cursor_before) const;

  Projection projection_;
  std::vector<bool> is_key_;
  bool text_is_unchecked_;
  Tid last_tid_;
  Cell last_cursor_;
  std::vector<Cell> fields_;
};

}  // namespace rowferry::postgres
