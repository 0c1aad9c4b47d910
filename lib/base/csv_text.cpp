#include "base/csv_text.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rowferry {
namespace {

bool is_plain(char character) {
  const auto code = static_cast<unsigned char>(character);
  return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
         (code >= 'a' && code <= 'z') || code == '+' || code == '-' || code == '.' || code == ':';
}

}  // namespace

CsvFields::CsvFields(CsvDialect dialect) : dialect_(std::move(dialect)) {
  for (const char character : {dialect_.delimiter, dialect_.quote, '\n', '\r'}) {
    special_[static_cast<unsigned char>(character)] = true;
  }
}

void CsvFields::append(std::string_view text, Buffer& out) const {
  const std::size_t start = out.size();
  out.append(text);
  quote_from(start, out);
}

void CsvFields::quote_from(std::size_t start, Buffer& out) const {
  const std::string_view text = out.view(start, out.size() - start);
  if (!needs_quotes(text)) {
    return;
  }
  const auto quotes =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), dialect_.quote));
  const std::size_t size = text.size();
  static_cast<void>(out.prepare(quotes + 2));
  // From the back, so that nothing is overwritten before it is moved.
  char* field = out.data() + start;
  char* target = field + size + quotes + 2;
  *--target = dialect_.quote;
  for (std::size_t index = size; index-- > 0;) {
    const char character = field[index];
    *--target = character;
    if (character == dialect_.quote) {
      *--target = dialect_.quote;
    }
  }
  *--target = dialect_.quote;
  out.commit(quotes + 2);
}

bool CsvFields::leaves_plain_words() const {
  return !is_plain(dialect_.delimiter) && !is_plain(dialect_.quote) &&
         !(!dialect_.null_text.empty() && std::ranges::all_of(dialect_.null_text, is_plain));
}

bool CsvFields::needs_quotes(std::string_view text) const {
  if (text.empty() || text == dialect_.null_text || text == "\\.") {
    return true;
  }
  return std::ranges::any_of(
      text, [this](char character) { return special_[static_cast<unsigned char>(character)]; });
}

}  // namespace rowferry
