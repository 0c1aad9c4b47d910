#include "sinks/elasticsearch/cell_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "core/cell_text.hpp"

namespace rowferry::elasticsearch {
namespace {

/// Escapes each `|` and `\` of the text that stands in the buffer from `start` to its end.
void escape_from(std::size_t start, Buffer& out) {
  const std::string_view text = out.view(start, out.size() - start);
  if (text.find_first_of("|\\") == std::string_view::npos) {
    return;
  }
  const std::string copy(text);
  out.truncate(start);
  for (const char character : copy) {
    if (character == '|' || character == '\\') {
      out.append('\\');
    }
    out.append(character);
  }
}

}  // namespace

std::optional<CellTemplate> CellTemplate::parse(std::string_view text, std::string& fault) {
  CellTemplate result;
  std::string literal;
  const auto end_literal = [&result, &literal] {
    if (!literal.empty()) {
      result.parts_.push_back({std::exchange(literal, {}), false});
    }
  };
  while (!text.empty()) {
    const char first = text.front();
    const bool is_brace = first == '{' || first == '}';
    if (!is_brace || text.substr(1, 1) == text.substr(0, 1)) {
      literal += first;
      text.remove_prefix(is_brace ? 2 : 1);
      continue;
    }
    const std::size_t close = text.find('}');
    if (first == '}' || close == std::string_view::npos || close == 1) {
      fault = "must have a column's name between each { and } ({{ and }} stand for braces)";
      return std::nullopt;
    }
    end_literal();
    result.parts_.push_back({std::string(text.substr(1, close - 1)), true});
    text.remove_prefix(close + 1);
  }
  end_literal();
  return result;
}

bool CellTemplate::names_columns() const { return std::ranges::any_of(parts_, &Part::is_column); }

RowText::RowText(const CellTemplate& from, std::string key, const Schema& schema)
    : key_(std::move(key)) {
  for (const CellTemplate::Part& part : from.parts()) {
    Piece piece;
    if (!part.is_column) {
      piece.text = part.text;
    } else {
      piece.column = schema.find(part.text);
      piece.name = part.text;
      if (!piece.column) {
        throw Error(Failure::config, fmt::format("{} names column {}, which {} does not have", key_,
                                                 part.text, schema.table));
      }
      piece.type = schema.columns[*piece.column].type;
    }
    pieces_.push_back(std::move(piece));
  }
}

RowText RowText::of_identity(const Schema& schema) {
  RowText result;
  result.key_ = "the document's id";
  result.escapes_ = schema.identity.size() > 1;
  for (const std::size_t column : schema.identity) {
    if (!result.pieces_.empty()) {
      Piece separator;
      separator.text = "|";
      result.pieces_.push_back(std::move(separator));
    }
    Piece piece;
    piece.column = column;
    piece.type = schema.columns[column].type;
    piece.name = schema.columns[column].name;
    result.pieces_.push_back(std::move(piece));
  }
  return result;
}

std::optional<std::string> RowText::append(const Batch& batch, std::size_t row, Buffer& out) const {
  for (const Piece& piece : pieces_) {
    if (!piece.column) {
      out.append(piece.text);
      continue;
    }
    const Cell& cell = batch.cell(row, *piece.column);
    if (cell.is_null()) {
      return fmt::format(
          "{} needs column {}, which is {}", key_, piece.name,
          batch.operation(row) == Operation::remove ? "not known of a removed row" : "null");
    }
    const std::size_t start = out.size();
    append_cell_text(piece.type, batch.value(cell), out);
    if (escapes_) {
      escape_from(start, out);
    }
  }
  return std::nullopt;
}

std::vector<std::string> RowText::columns_beyond_identity(const Schema& schema) const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    const bool known =
        !piece.column || std::ranges::find(schema.identity, *piece.column) != schema.identity.end();
    if (!known) {
      names.push_back(piece.name);
    }
  }
  return names;
}

bool RowText::covers_identity(const Schema& schema) const {
  return std::ranges::all_of(schema.identity, [this](std::size_t column) { return uses(column); });
}

bool RowText::uses(std::size_t column) const {
  return std::ranges::any_of(pieces_,
                             [column](const Piece& piece) { return piece.column == column; });
}

}  // namespace rowferry::elasticsearch
