#include "pq/quote.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace rowferry::pq {
namespace {

bool has_zero_byte(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// The text with every quote (and, where asked, every backslash) doubled.
void append_doubled(std::string& to, std::string_view text, char quote, bool double_backslashes) {
  for (const char character : text) {
    if (character == quote || (double_backslashes && character == '\\')) {
      to.push_back(character);
    }
    to.push_back(character);
  }
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  if (name.empty() || has_zero_byte(name)) {
    throw Error(Failure::config, "a name of a table, column or schema is empty or has a zero byte");
  }
  std::string quoted;
  quoted.reserve(name.size() + 2);
  quoted.push_back('"');
  append_doubled(quoted, name, '"', false);
  quoted.push_back('"');
  return quoted;
}

std::string quote_qualified(std::string_view schema, std::string_view name) {
  if (schema.empty()) {
    return quote_identifier(name);
  }
  return fmt::format("{}.{}", quote_identifier(schema), quote_identifier(name));
}

std::string quote_literal(std::string_view text) {
  if (has_zero_byte(text)) {
    throw Error(Failure::rejected, "a text with a zero byte cannot be sent to PostgreSQL")
        .with_reason("zero_byte");
  }
  const bool escape = text.find('\\') != std::string_view::npos;
  std::string quoted;
  quoted.reserve(text.size() + 4);
  // The space keeps the E from joining a word before it.
  quoted.append(escape ? " E'" : "'");
  append_doubled(quoted, text, '\'', escape);
  quoted.push_back('\'');
  return quoted;
}

}  // namespace rowferry::pq
