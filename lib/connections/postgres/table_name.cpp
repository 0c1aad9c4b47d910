#include "connections/postgres/table_name.hpp"

#include <cstddef>

namespace rowferry::connections {
namespace {

// Database, schema and table.
constexpr int kPartsMax = 3;
constexpr std::string_view kSpace = " \t\r\n\f\v";

void skip_space(std::string_view& text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

// Takes `"..."` off the front, quotes inside doubled.
std::string take_quoted(std::string_view& text) {
  std::size_t end = text.find('"', 1);
  while (end != std::string_view::npos && text.substr(end).starts_with("\"\"")) {
    end = text.find('"', end + 2);
  }
  if (end == std::string_view::npos) {
    return "has a quote that is not closed";
  }
  const bool is_empty = end == 1;
  text.remove_prefix(end + 1);
  return is_empty ? "has an empty part" : "";
}

// Takes a name without quotes off the front. The server takes digits for an object's number.
std::string take_plain(std::string_view& text) {
  constexpr std::string_view kEnds = " \t\r\n\f\v.\"";
  const std::string_view name = text.substr(0, text.find_first_of(kEnds));
  text.remove_prefix(name.size());
  if (name.empty()) {
    return "has an empty part";
  }
  const bool is_number = name.find_first_not_of("0123456789-") == std::string_view::npos;
  return is_number ? "has a part that is a number: put it into double quotes" : "";
}

}  // namespace

std::string table_name_problem(std::string_view text) {
  for (int part = 1; part <= kPartsMax; ++part) {
    skip_space(text);
    const std::string problem = text.starts_with('"') ? take_quoted(text) : take_plain(text);
    if (!problem.empty()) {
      return problem;
    }
    skip_space(text);
    if (text.empty()) {
      return {};
    }
    if (!text.starts_with('.')) {
      return "must be written as in SQL: schema.table, with \"...\" around unusual names";
    }
    text.remove_prefix(1);
  }
  return "has more than three parts (database.schema.table)";
}

std::string unqualified_name(std::string_view text) {
  std::string name;
  bool is_quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    if (character == '"') {
      const bool is_doubled = is_quoted && text.substr(at + 1).starts_with('"');
      name.append(is_doubled ? 1 : 0, '"');
      at += is_doubled ? 1 : 0;
      is_quoted = is_doubled || !is_quoted;
    } else if (character == '.' && !is_quoted) {
      name.clear();
    } else if (is_quoted) {
      name += character;
    } else if (kSpace.find(character) == std::string_view::npos) {
      const bool is_upper = character >= 'A' && character <= 'Z';
      name += is_upper ? static_cast<char>(character - 'A' + 'a') : character;
    }
  }
  return name;
}

}  // namespace rowferry::connections
