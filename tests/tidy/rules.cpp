#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "tests/tidy/structure.hpp"

namespace rowferry::tidy {
namespace {

constexpr std::size_t kFileLinesMax = 400;
constexpr std::size_t kLineColumnsMax = 100;
constexpr std::size_t kFunctionLinesMax = 60;
constexpr std::size_t kParametersMax = 5;
constexpr std::size_t kNestingMax = 3;

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // all but UTF-8's continuations
  }));
}

std::string_view trim_left(std::string_view line) {
  const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
  return line.substr(start);
}

std::string over(std::string_view what, std::size_t count, std::size_t limit) {
  return std::string(what) + " " + std::to_string(count) + " (limit " + std::to_string(limit) + ")";
}

bool has_comment_above(const SourceText& source, std::size_t line) {
  for (std::size_t above = line - 1; above > 0; --above) {
    const std::string_view text = trim_left(source.lines[above - 1]);
    if (text.starts_with("///")) {
      return true;
    }
    if (!text.starts_with("//")) {
      return false;
    }
  }
  return false;
}

bool must_be_documented(const Declaration& declaration) {
  return declaration.kind != DeclarationKind::other && !declaration.forward && !declaration.member;
}

bool has_word(std::string_view line, std::string_view word) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(line[at - 1])) && (end == line.size() || !is_part(line[end]))) {
      return true;
    }
  }
  return false;
}

bool is_test(std::string_view path) { return is_below(path, "tests"); }

}  // namespace

void check_size(std::string_view path, const std::vector<std::string>& lines, Violations& out) {
  if (lines.size() > kFileLinesMax) {
    out.push_back(
        {std::string(path), kFileLinesMax + 1, over("lines", lines.size(), kFileLinesMax)});
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (const std::size_t width = columns(lines[i]); width > kLineColumnsMax) {
      out.push_back({std::string(path), i + 1, over("columns", width, kLineColumnsMax)});
    }
  }
}

void check_unfinished(std::string_view path, const std::vector<std::string>& lines,
                      Violations& out) {
  // Written in halves, so that this file does not find itself.
  static constexpr std::array<std::string_view, 3> kMarks = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool marked = std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view mark) {
      return has_word(lines[i], mark);
    });
    if (marked) {
      out.push_back({std::string(path), i + 1, "unfinished work"});
    }
  }
}

void check_functions(const SourceText& source, Violations& out) {
  for (const Function& function : find_structure(source.tokens).functions) {
    const std::size_t length = function.last_line - function.first_line + 1;
    if (function.last_line != 0 && length > kFunctionLinesMax) {
      out.push_back({source.path, function.first_line,
                     over(function.name + ": lines", length, kFunctionLinesMax)});
    }
    if (function.parameters > kParametersMax) {
      out.push_back({source.path, function.first_line,
                     over(function.name + ": parameters", function.parameters, kParametersMax)});
    }
    if (function.nesting > kNestingMax) {
      out.push_back({source.path, function.deepest_line,
                     over(function.name + ": nesting", function.nesting, kNestingMax)});
    }
  }
}

void check_documentation(const SourceText& source, Violations& out) {
  if (!is_header(source.path) || is_test(source.path)) {
    return;
  }
  std::size_t group_until = 0;
  for (const Declaration& declaration : find_structure(source.tokens).declarations) {
    const bool in_group = group_until != 0 && declaration.first_line <= group_until + 1;
    if (in_group || has_comment_above(source, declaration.first_line)) {
      group_until = declaration.last_line;
    } else if (must_be_documented(declaration)) {
      out.push_back({source.path, declaration.first_line, declaration.name + ": no /// before it"});
      group_until = declaration.last_line;  // said once for the group
    }
  }
}

void check_preprocessor(const SourceText& source, Violations& out) {
  const auto starts = [](const Directive& directive, std::string_view words) {
    return directive.text.starts_with(words);
  };
  if (is_header(source.path) &&
      (source.directives.empty() || !starts(source.directives.front(), "#pragma once"))) {
    out.push_back({source.path, 1, "a header opens with #pragma once"});
  }
  for (const Directive& directive : source.directives) {
    if (starts(directive, "#define") && !is_test(source.path)) {
      out.push_back({source.path, directive.line, "no macros outside tests"});
    }
  }
}

void check_banned_words(const SourceText& source, Violations& out) {
  // Tasks may sleep for a while of a fake clock; a thread may not.
  static constexpr std::array<std::string_view, 2> kSleeps = {"this_thread", "usleep"};
  const bool timeless =
      is_below(source.path, "tests/unit") || is_below(source.path, "tests/contract");
  for (const Token& token : source.tokens) {
    const bool sleeps = std::find(kSleeps.begin(), kSleeps.end(), token.text) != kSleeps.end();
    if (token.text == "detached") {
      out.push_back({source.path, token.line, "what is detached cannot be awaited or ended"});
    } else if (sleeps && timeless) {
      out.push_back({source.path, token.line, "no sleeping here: use a fake clock"});
    } else if (token.text == "GTEST_SKIP" || token.text.starts_with("DISABLED_")) {
      out.push_back({source.path, token.line, "a test runs or fails, it is never skipped"});
    }
  }
}

}  // namespace rowferry::tidy
