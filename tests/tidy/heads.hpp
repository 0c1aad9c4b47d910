#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_text.hpp"

namespace rowferry::tidy {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// The tokens of a file with the partner of each bracket: answers what stands before a `{` or `;`.
/// A head is the range of tokens from the start of a statement to that place.
class Heads {
 public:
  explicit Heads(const std::vector<Token>& tokens);

  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  [[nodiscard]] const Token& at(std::size_t index) const { return tokens_[index]; }
  [[nodiscard]] bool is(std::size_t index, std::string_view text) const;
  [[nodiscard]] bool is_word(std::size_t index) const;
  /// The partner of the bracket at an index; kNone when there is none.
  [[nodiscard]] std::size_t partner(std::size_t index) const { return partners_[index]; }

  /// The first token after `template <...>`, attributes, `inline` and the like.
  [[nodiscard]] std::size_t skip_prefix(std::size_t begin, std::size_t end) const;
  /// The `(` of the parameter list of a function head; kNone when the head declares no function.
  [[nodiscard]] std::size_t parameters_open(std::size_t begin, std::size_t end) const;
  /// The `)` that ends a parameter list or condition right before `end`, past specifiers and a
  /// trailing return type; kNone when there is none.
  [[nodiscard]] std::size_t group_end(std::size_t begin, std::size_t end) const;
  /// The `[` of a lambda whose body opens at `end`; kNone when it is no lambda.
  [[nodiscard]] std::size_t lambda_open(std::size_t begin, std::size_t end) const;
  /// Whether the `{` at `end` opens the statement of an if, for, while, switch, do, try, ...
  [[nodiscard]] bool opens_control(std::size_t begin, std::size_t end) const;
  /// Whether the `{` at `end` opens the body of the function whose parameters open at `open`.
  [[nodiscard]] bool opens_body(std::size_t begin, std::size_t open, std::size_t end) const;
  /// How many parameters the list that opens at `open` has.
  [[nodiscard]] std::size_t count_parameters(std::size_t open) const;

 private:
  std::size_t skip_angles(std::size_t open, std::size_t end) const;
  std::size_t skip_trailer(std::size_t begin, std::size_t end) const;
  std::size_t trailing_return(std::size_t begin, std::size_t end) const;
  bool is_introducer(std::size_t open) const;

  const std::vector<Token>& tokens_;
  std::vector<std::size_t> partners_;
};

}  // namespace rowferry::tidy
