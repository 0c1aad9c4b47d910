#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/buffer.hpp"

namespace rowferry {

/// The characters of a CSV file (RFC 4180 with choices).
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';
  std::string null_text;  ///< what stands, unquoted, for NULL
  std::string line_end = "\n";
};

/// Writes fields of one dialect. A field is quoted when it holds the delimiter, the quote, a line
/// feed or a carriage return; when it is empty or equals the null text, so that a value is never
/// taken for NULL; and when it is `\.`, which ends the input of PostgreSQL's COPY.
class CsvFields {
 public:
  explicit CsvFields(CsvDialect dialect);

  [[nodiscard]] const CsvDialect& dialect() const { return dialect_; }

  /// Appends a field, quoted where it must be.
  void append(std::string_view text, Buffer& out) const;

  /// Quotes, where it must be, the field that stands in the buffer from `start` to its end.
  void quote_from(std::size_t start, Buffer& out) const;

  /// Whether no field made of letters, digits and `+ - . :` alone, and not empty, needs quotes.
  [[nodiscard]] bool leaves_plain_words() const;

 private:
  [[nodiscard]] bool needs_quotes(std::string_view text) const;

  CsvDialect dialect_;
  std::array<bool, 256> special_{};
};

}  // namespace rowferry
