#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace rowferry::config {

/// The lines of a YAML file, counted from 1, for the places that the parser does not tell. Refers
/// to the text, which must outlive it.
class YamlLines {
 public:
  explicit YamlLines(std::string_view text);

  /// How many there are: at least one.
  [[nodiscard]] int count() const { return static_cast<int>(starts_.size()); }
  /// A line without its end; empty where there is none.
  [[nodiscard]] std::string_view at(int line) const;
  /// Where the dash of an empty item stands, when the next thing stands at `column` (from 0) of
  /// line `next`.
  [[nodiscard]] int line_of_empty_item(int next, int column) const;
  /// The first line from `first` on with a quote that it opens and does not close; 0: none.
  [[nodiscard]] int line_of_open_quote(int first) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

}  // namespace rowferry::config
