#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {

/// How a cell stands out on a terminal.
enum class Tone : std::uint8_t { plain, good, busy, warning, bad, quiet };

/// Whether a table is written with colours (ANSI escapes).
enum class Colours : bool { no = false, yes = true };

/// A table for people: columns as wide as their widest cell, two blanks between them, nothing
/// behind the last cell of a line.
class TextTable {
 public:
  struct Cell {
    std::string text;
    Tone tone = Tone::plain;
  };
  enum class Side : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Side side = Side::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a line; missing cells are empty. What is wrong with it stands in a line of its own under
  /// it, indented, unless it is empty.
  void add(std::vector<Cell> cells, std::string wrong);

  /// The whole table with its head, each line with a line feed.
  [[nodiscard]] std::string text(Colours colours) const;

 private:
  struct Line {
    std::vector<Cell> cells;
    Cell wrong;
  };

  [[nodiscard]] std::vector<std::size_t> widths() const;
  void append_line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                   Colours colours, std::string& out) const;

  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

/// Characters of UTF-8 text, which on a terminal is mostly its width.
[[nodiscard]] std::size_t width_of(std::string_view text);

}  // namespace rowferry
