#include "tests/tidy/heads.hpp"

#include <algorithm>
#include <array>

namespace rowferry::tidy {
namespace {

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 10> kPrefixes = {
    "inline", "export", "static",    "constexpr", "consteval",
    "friend", "extern", "constinit", "explicit",  "virtual"};

constexpr std::array<std::string_view, 11> kSpecifiers = {
    "const", "noexcept", "override", "final",  "mutable",  "volatile",
    "try",   "&",        "&&",       "static", "constexpr"};

/// Words whose parentheses are no parameter list.
constexpr std::array<std::string_view, 6> kOperands = {"noexcept", "requires", "alignas",
                                                       "decltype", "explicit", "__attribute__"};

constexpr std::array<std::string_view, 5> kConditions = {"if", "for", "while", "switch", "catch"};

/// Words that a lambda, and no subscript, may follow.
constexpr std::array<std::string_view, 7> kBeforeValue = {
    "return", "co_return", "co_await", "co_yield", "case", "else", "throw"};

}  // namespace

Heads::Heads(const std::vector<Token>& tokens) : tokens_(tokens), partners_(tokens.size(), kNone) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is(i, "(") || is(i, "[") || is(i, "{")) {
      open.push_back(i);
    } else if ((is(i, ")") || is(i, "]") || is(i, "}")) && !open.empty()) {
      partners_[i] = open.back();
      partners_[open.back()] = i;
      open.pop_back();
    }
  }
}

bool Heads::is(std::size_t index, std::string_view text) const {
  return index < tokens_.size() && tokens_[index].kind != TokenKind::literal &&
         tokens_[index].text == text;
}

bool Heads::is_word(std::size_t index) const {
  return index < tokens_.size() && tokens_[index].kind == TokenKind::word;
}

std::size_t Heads::skip_angles(std::size_t open, std::size_t end) const {
  std::size_t depth = 0;
  for (std::size_t i = open; i < end; ++i) {
    if ((is(i, "(") || is(i, "[") || is(i, "{")) && partner(i) != kNone) {
      i = partner(i);
    } else if (is(i, "<")) {
      ++depth;
    } else if (is(i, ">") && --depth == 0) {
      return i + 1;
    }
  }
  return end;
}

std::size_t Heads::skip_prefix(std::size_t begin, std::size_t end) const {
  std::size_t i = begin;
  while (i < end) {
    if (is(i, "template") && is(i + 1, "<")) {
      i = skip_angles(i + 1, end);
    } else if (is(i, "[") && is(i + 1, "[") && partner(i) != kNone) {
      i = partner(i) + 1;
    } else if (is_word(i) && is_one_of(at(i).text, kPrefixes)) {
      ++i;
    } else {
      break;
    }
  }
  return std::min(i, end);
}

std::size_t Heads::parameters_open(std::size_t begin, std::size_t end) const {
  for (std::size_t i = skip_prefix(begin, end); i < end; ++i) {
    if (is(i, "=") || is(i, "{")) {
      return kNone;
    }
    if (is(i, "operator")) {
      i += is(i + 1, "(") ? 3 : 1;
      while (i < end && !is(i, "(")) {
        ++i;
      }
      return i < end ? i : kNone;
    }
    if (is(i, "<") && i > begin && is_word(i - 1)) {
      i = skip_angles(i, end) - 1;
    } else if (is(i, "(") && i > begin && is_word(i - 1) && !is_one_of(at(i - 1).text, kOperands)) {
      return i;
    } else if ((is(i, "(") || is(i, "[")) && partner(i) != kNone) {
      i = partner(i);
    }
  }
  return kNone;
}

std::size_t Heads::trailing_return(std::size_t begin, std::size_t end) const {
  for (std::size_t i = end; i > begin; --i) {
    const std::size_t last = i - 1;
    if (is(last, "->")) {
      return last;
    }
    if (is(last, ")") && partner(last) != kNone && partner(last) > begin) {
      i = partner(last) + 1;
    } else if (!is_word(last) && at(last).kind != TokenKind::number && !is(last, "::") &&
               !is(last, "<") && !is(last, ">") && !is(last, "*") && !is(last, "&") &&
               !is(last, ",")) {
      return kNone;
    }
  }
  return kNone;
}

/// The place after what precedes specifiers, attributes, `noexcept(...)` and a trailing return.
std::size_t Heads::skip_trailer(std::size_t begin, std::size_t end) const {
  std::size_t i = end;
  while (i > begin) {
    const std::size_t last = i - 1;
    const std::size_t open = partner(last);
    if (!is(last, ")") && !is(last, "]") && is_one_of(at(last).text, kSpecifiers)) {
      i = last;
    } else if (is(last, "]") && open != kNone && is(open + 1, "[") && is(last - 1, "]")) {
      i = open;
    } else if (is(last, ")") && open != kNone && open > begin && is_word(open - 1) &&
               is_one_of(at(open - 1).text, kOperands)) {
      i = open - 1;
    } else {
      break;
    }
  }
  return i;
}

std::size_t Heads::group_end(std::size_t begin, std::size_t end) const {
  std::size_t i = skip_trailer(begin, end);
  if (i > begin && !is(i - 1, ")") && !is(i - 1, "]")) {
    const std::size_t arrow = trailing_return(begin, i);
    if (arrow == kNone) {
      return kNone;
    }
    i = skip_trailer(begin, arrow);
  } else if (i > begin && is(i - 1, ")") && partner(i - 1) != kNone) {
    // `-> decltype(x)` ends in a group that is not the parameters'.
    const std::size_t before = partner(i - 1);
    const bool of_type = before > begin && is(before - 1, "decltype");
    const std::size_t arrow = of_type ? trailing_return(begin, i) : kNone;
    i = arrow == kNone ? i : skip_trailer(begin, arrow);
  }
  return i > begin && (is(i - 1, ")") || is(i - 1, "]")) ? i - 1 : kNone;
}

bool Heads::is_introducer(std::size_t open) const {
  if (open == kNone || !is(open, "[") || is(open + 1, "[")) {
    return false;
  }
  if (open == 0) {
    return true;
  }
  const Token& before = at(open - 1);
  if (before.kind == TokenKind::word) {
    return is_one_of(before.text, kBeforeValue);
  }
  return before.kind == TokenKind::punctuation && before.text != ")" && before.text != "]" &&
         before.text != "[" && before.text != ">";
}

std::size_t Heads::lambda_open(std::size_t begin, std::size_t end) const {
  const std::size_t last = group_end(begin, end);
  if (last == kNone) {
    return kNone;
  }
  if (is(last, "]")) {
    return is_introducer(partner(last)) ? partner(last) : kNone;
  }
  std::size_t before = partner(last);
  if (before == kNone || before == 0) {
    return kNone;
  }
  // A template lambda: []<class T>(T value) {
  if (is(before - 1, ">")) {
    while (before > begin && !is(before, "<")) {
      --before;
    }
  }
  const std::size_t close = before == 0 ? kNone : before - 1;
  return close != kNone && is(close, "]") && is_introducer(partner(close)) ? partner(close) : kNone;
}

bool Heads::opens_control(std::size_t begin, std::size_t end) const {
  if (end == 0) {
    return false;
  }
  if (is(end - 1, "else") || is(end - 1, "do") || is(end - 1, "try")) {
    return true;
  }
  const std::size_t last = group_end(begin, end);
  if (last == kNone || !is(last, ")") || partner(last) == kNone || partner(last) == 0) {
    return false;
  }
  const std::size_t word = partner(last) - 1;
  return is_one_of(at(word).text, kConditions) ||
         (is(word, "constexpr") && word > 0 && is(word - 1, "if"));
}

bool Heads::opens_body(std::size_t begin, std::size_t open, std::size_t end) const {
  const std::size_t close = partner(open);
  if (close == kNone || close >= end) {
    return false;
  }
  std::size_t i = close + 1;
  while (i < end && !is(i, ":")) {
    if (is(i, "requires")) {
      return true;
    }
    i = (is(i, "(") || is(i, "[")) && partner(i) != kNone ? partner(i) + 1 : i + 1;
  }
  if (i < end) {  // a constructor with initialisers: `: a_(a), b_{b} {`
    return is(end - 1, ")") || is(end - 1, "}");
  }
  return group_end(begin, end) != kNone;
}

std::size_t Heads::count_parameters(std::size_t open) const {
  const std::size_t close = partner(open);
  if (close == kNone || close == open + 1 || (close == open + 2 && is(open + 1, "void"))) {
    return 0;
  }
  std::size_t count = 1;
  for (std::size_t i = open + 1; i < close; ++i) {
    if ((is(i, "(") || is(i, "[") || is(i, "{")) && partner(i) != kNone) {
      i = partner(i);
    } else if (is(i, "<") && is_word(i - 1)) {
      i = skip_angles(i, close) - 1;
    } else if (is(i, ",")) {
      ++count;
    }
  }
  return count;
}

}  // namespace rowferry::tidy
