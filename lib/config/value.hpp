#pragma once

#include <deque>
#include <string>
#include <vector>

namespace rowferry::config {

/// One value as it stands in the file. Values refer to one another where the file has aliases, so
/// they are owned by their tree and never copied.
struct Value {
  enum class Kind { scalar, list, map } kind = Kind::scalar;
  struct Entry {
    std::string key;
    int line = 0;  ///< where the key stands
    const Value* value = nullptr;
  };

  int line = 0;
  /// Nothing, or nothing but such values within: counts as not given.
  bool blank = true;
  /// A problem was noted about it already.
  bool faulty = false;
  std::string text;                 ///< of a scalar, `${...}` replaced
  std::string written;              ///< as it stands in the file: what a problem may quote
  std::vector<const Value*> items;  ///< of a list
  std::vector<int> item_lines;
  std::vector<Entry> entries;  ///< of a map, in the order of the file
};

/// Owns the values of one file.
class ValueTree {
 public:
  /// A new value; it stays where it is as long as the tree does.
  Value& add() { return values_.emplace_back(); }

  const Value* root = nullptr;

 private:
  std::deque<Value> values_;
};

}  // namespace rowferry::config
