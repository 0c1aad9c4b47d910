#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "core/batch.hpp"

namespace rowferry::elasticsearch {

/// A text with columns in it: `{site}-{number}`; `{{` and `}}` stand for braces.
class CellTemplate {
 public:
  struct Part {
    std::string text;
    bool is_column = false;
  };

  /// Reads a template. On a fault nothing, and `fault` says what is wrong.
  [[nodiscard]] static std::optional<CellTemplate> parse(std::string_view text, std::string& fault);

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] bool names_columns() const;

 private:
  std::vector<Part> parts_;
};

/// A text made of a row's cells: a template, or the identity's cells joined. Made per schema; has
/// no state between rows.
class RowText {
 public:
  /// `key` is the configuration key that the template stands at, for messages. Throws Error{config}
  /// when the schema lacks a column of it.
  RowText(const CellTemplate& from, std::string key, const Schema& schema);

  /// The text of the identity columns: of one as it is, of several joined with `|`, where a `|` or
  /// `\` inside is escaped with `\`. The schema has an identity.
  [[nodiscard]] static RowText of_identity(const Schema& schema);

  /// Appends the text of a row. Gives what is wrong with the row: a column that is null, as others
  /// than the key's are in a removal.
  [[nodiscard]] std::optional<std::string> append(const Batch& batch, std::size_t row,
                                                  Buffer& out) const;

  /// The names of columns beyond the identity that the text depends on: it may change while the row
  /// stays the same one.
  [[nodiscard]] std::vector<std::string> columns_beyond_identity(const Schema& schema) const;
  /// Whether every identity column is in the text, so that two rows never have the same.
  [[nodiscard]] bool covers_identity(const Schema& schema) const;

 private:
  struct Piece {
    std::string text;  ///< literal
    std::optional<std::size_t> column;
    Type type;
    std::string name;
  };

  RowText() = default;
  [[nodiscard]] bool uses(std::size_t column) const;

  std::vector<Piece> pieces_;
  std::string key_;
  bool escapes_ = false;
};

}  // namespace rowferry::elasticsearch
