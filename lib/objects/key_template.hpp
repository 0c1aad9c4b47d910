#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/name_pattern.hpp"

namespace rowferry {

/// What the fields of a key stand for in one object.
struct KeyValues {
  std::string job;
  std::string table;
  std::int64_t run_seq = 0;
  std::int64_t part = 0;
  WallTime started{};
  /// The values of `{column:..}` in the template's order, fit for a key (see to_key_component).
  std::vector<std::string> columns;
};

/// The `key` of an object store's sink: literal text and the fields `{job} {table} {run_seq:06}
/// {part:04} {window:%Y-%m-%d} {started:%Y%m%dT%H%M%SZ} {column:NAME}`. A number's width pads with
/// zeros; times are in UTC.
class KeyTemplate {
 public:
  /// What a `{..}` stands for.
  enum class Field : std::uint8_t { literal, job, table, run_seq, part, window, started, column };

  /// Throws Error{config} that says what is wrong: an unknown field, a stray brace, a key that is
  /// absolute, has an empty component, `.` or `..`, or a name that is ours (`_manifest*.json`).
  [[nodiscard]] static KeyTemplate parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool has(Field field) const;
  /// The names of the `{column:..}` fields, in order.
  [[nodiscard]] std::vector<std::string> columns() const;

  [[nodiscard]] std::string expand(const KeyValues& values) const;

  /// The literal folder before the first field that varies (all but job and table): where the
  /// manifest is. Empty, or ends with `/`.
  [[nodiscard]] std::string folder(std::string_view job, std::string_view table) const;

  /// The keys that it can make for a job and table.
  [[nodiscard]] config::NamePattern pattern(std::string_view job, std::string_view table) const;

  /// The template with job and table in their places, as people read it.
  [[nodiscard]] std::string text_of(std::string_view job, std::string_view table) const;

 private:
  struct Piece {
    Field field = Field::literal;
    std::string text;     ///< the literal, the time's format or the column's name
    std::string written;  ///< as it stands in the template
    int width = 0;
  };

  static Piece parse_field(std::string_view inside);
  static std::string expand_piece(const Piece& piece, const KeyValues& values);
  static config::NamePattern pattern_of(const Piece& piece);

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace rowferry
