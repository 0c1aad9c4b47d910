#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry::tidy {

/// One breach of a rule; prints as FILE:LINE: text.
struct Violation {
  std::string file;
  std::size_t line = 0;
  std::string text;
};

enum class TokenKind { word, number, literal, punctuation };

/// A piece of code. The text of a literal is left out: nothing in it is code.
struct Token {
  TokenKind kind = TokenKind::word;
  std::string text;
  std::size_t line = 0;
};

/// A preprocessor line, with its continuations.
struct Directive {
  std::string text;
  std::size_t line = 0;
};

/// A C++ file, taken apart: its lines as they are, and its code without comments and directives.
struct SourceText {
  std::string path;  ///< relative to the tree
  std::vector<std::string> lines;
  std::vector<Token> tokens;
  std::vector<Directive> directives;
};

/// Takes a file apart. Text that is not C++ gives nonsense, never an error.
[[nodiscard]] SourceText take_apart(std::string path, std::string_view text);

/// Only the lines; for files that are not C++.
[[nodiscard]] std::vector<std::string> split_lines(std::string_view text);

[[nodiscard]] bool is_header(std::string_view path);
[[nodiscard]] bool is_below(std::string_view path, std::string_view folder);

}  // namespace rowferry::tidy
