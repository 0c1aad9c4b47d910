#include "sources/postgres/stamping.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace rowferry::postgres {
namespace {

// A name as the server knows it (letters outside of quotes in lower case), or a symbol.
using Words = std::vector<std::string>;

bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '_' || character == '$' ||
         static_cast<unsigned char>(character) >= 0x80;
}

char lower(char character) {
  const bool is_upper = character >= 'A' && character <= 'Z';
  return is_upper ? static_cast<char>(character - 'A' + 'a') : character;
}

// Cuts the text of a function into words, without comments and string literals.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Words words() {
    Words found;
    while (at_ < text_.size()) {
      std::string word = next();
      if (!word.empty()) {
        found.push_back(std::move(word));
      }
    }
    return found;
  }

 private:
  std::string next() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("--")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return {};
    }
    if (rest.starts_with("/*")) {
      skip_behind("*/", 2);
      return {};
    }
    if (rest.front() == '\'') {
      skip_behind("'", 1);
      return {};
    }
    return rest.front() == '"' ? quoted_name() : name_or_symbol();
  }

  void skip_behind(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, at_ + from);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  std::string quoted_name() {
    const std::size_t begin = at_ + 1;
    skip_behind("\"", 1);
    return std::string(text_.substr(begin, at_ - begin - 1));
  }

  std::string name_or_symbol() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_letter(text_[at_])) {
      ++at_;
    }
    if (at_ > begin) {
      std::string name(text_.substr(begin, at_ - begin));
      std::ranges::transform(name, name.begin(), lower);
      return name;
    }
    at_ += text_.substr(at_).starts_with(":=") ? 2 : 1;
    const std::string symbol(text_.substr(begin, at_ - begin));
    return symbol.find_first_of(" \t\r\n\f\v") == std::string::npos ? symbol : std::string();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Behind one of these a statement begins, so that `=` assigns.
constexpr auto kBeginnings =
    std::to_array<std::string_view>({";", "begin", "then", "else", "loop", ">"});

// Whether `NEW.column` at this place is assigned to.
bool is_assigned(const Words& words, std::size_t at) {
  const std::string_view before = at == 0 ? std::string_view(";") : words[at - 1];
  const std::string_view behind = at + 3 < words.size() ? words[at + 3] : "";
  const bool begins = std::ranges::find(kBeginnings, before) != kBeginnings.end();
  return behind == ":=" || (behind == "=" && begins) || before == "into";
}

bool assigns(const Words& words, const std::string& column) {
  for (std::size_t at = 0; at + 2 < words.size(); ++at) {
    const bool is_it = words[at] == "new" && words[at + 1] == "." && words[at + 2] == column;
    if (is_it && is_assigned(words, at)) {
      return true;
    }
  }
  return false;
}

bool speaks_of(const TriggerFacts& trigger, const std::string& column) {
  const auto& arguments = trigger.arguments;
  return trigger.source.find(column) != std::string::npos ||
         std::ranges::find(arguments, column) != arguments.end();
}

}  // namespace

Stamping stamping_of(const TriggerFacts& trigger, const std::string& column) {
  if (!trigger.is_enabled) {
    return Stamping::none;
  }
  const auto& arguments = trigger.arguments;
  const bool is_moddatetime =
      trigger.function == "moddatetime" && std::ranges::find(arguments, column) != arguments.end();
  const bool stamps = is_moddatetime || (trigger.language == "plpgsql" &&
                                         assigns(Scanner(trigger.source).words(), column));
  if (stamps) {
    return trigger.is_for_some_columns ? Stamping::some_columns : Stamping::always;
  }
  return speaks_of(trigger, column) ? Stamping::unclear : Stamping::none;
}

}  // namespace rowferry::postgres
