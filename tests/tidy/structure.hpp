#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/tidy/source_text.hpp"

namespace rowferry::tidy {

/// A function or lambda: defined, or (without a body) declared.
struct Function {
  std::string name;  ///< "lambda" when it has none
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  std::size_t parameters = 0;
  /// The deepest chain of if, for, while, switch, try and plain blocks; a lambda counts anew.
  std::size_t nesting = 0;
  std::size_t deepest_line = 0;
};

enum class DeclarationKind { type, function, other };

/// A declaration at namespace scope, outside unnamed namespaces and `detail`.
struct Declaration {
  DeclarationKind kind = DeclarationKind::other;
  std::string name;
  bool forward = false;  ///< a type without its body
  bool member = false;   ///< a member defined outside its class
  std::size_t first_line = 0;
  std::size_t last_line = 0;
};

struct Structure {
  std::vector<Function> functions;
  std::vector<Declaration> declarations;
};

/// Finds functions and declarations by their brackets, without knowing what names mean; right on
/// code that clang-format laid out and that declares one thing a statement.
[[nodiscard]] Structure find_structure(const std::vector<Token>& tokens);

}  // namespace rowferry::tidy
