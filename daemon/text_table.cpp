#include "daemon/text_table.hpp"

#include <algorithm>
#include <utility>

namespace rowferry {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::string_view kReset = "\033[0m";

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "\033[32m";
    case Tone::busy:
      return "\033[36m";
    case Tone::warning:
      return "\033[33m";
    case Tone::bad:
      return "\033[1;31m";
    case Tone::quiet:
      return "\033[2m";
    case Tone::plain:
      return "";
  }
  return "";
}

void append_toned(const TextTable::Cell& cell, Colours colours, std::string& out) {
  const std::string_view escape = colours == Colours::yes ? escape_of(cell.tone) : "";
  out += escape;
  out += cell.text;
  out += escape.empty() ? "" : kReset;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

void TextTable::add(std::vector<Cell> cells, std::string wrong) {
  cells.resize(columns_.size());
  lines_.push_back({std::move(cells), {std::move(wrong), Tone::bad}});
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::size_t width = width_of(columns_[column].title);
    for (const Line& line : lines_) {
      width = std::max(width, width_of(line.cells[column].text));
    }
    widths.push_back(width);
  }
  return widths;
}

void TextTable::append_line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                            Colours colours, std::string& out) const {
  std::size_t last = cells.size();
  while (last > 0 && cells[last - 1].text.empty()) {
    --last;
  }
  for (std::size_t column = 0; column < last; ++column) {
    const std::string padding(widths[column] - width_of(cells[column].text), ' ');
    const bool is_right = columns_[column].side == Side::right;
    out += column == 0 ? "" : kGap;
    out += is_right ? padding : "";
    append_toned(cells[column], colours, out);
    out += is_right || column + 1 == last ? "" : padding;
  }
  out += '\n';
}

std::string TextTable::text(Colours colours) const {
  std::string out;
  const std::vector<std::size_t> wide = widths();
  std::vector<Cell> head;
  for (const Column& column : columns_) {
    head.push_back({column.title, Tone::quiet});
  }
  append_line(head, wide, colours, out);
  for (const Line& line : lines_) {
    append_line(line.cells, wide, colours, out);
    if (!line.wrong.text.empty()) {
      out += kGap;
      append_toned(line.wrong, colours, out);
      out += '\n';
    }
  }
  return out;
}

}  // namespace rowferry
