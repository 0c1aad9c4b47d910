#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "config/node.hpp"
#include "config/problems.hpp"
#include "config/value.hpp"

namespace rowferry::config {

/// What all nodes of one file share.
struct NodeContext {
  ValueTree tree;
  std::filesystem::path folder;
  Problems& problems;
  Redactor& redactor;
};

/// A value at its place, and what has been asked of it. One place has one body, however often it
/// is asked for, so that known keys add up.
struct Node::Body {
  std::shared_ptr<NodeContext> context;
  const Value* value = nullptr;  ///< null: nothing stands there
  int line = 1;
  std::string path;
  /// A problem that covers everything below was noted.
  bool silent = false;
  /// Keys were asked of what is no map; said when all of them are known.
  bool no_map = false;
  bool finished = false;
  std::vector<std::string> known;
  std::map<std::string, std::shared_ptr<Body>, std::less<>> children;

  /// The entry of a key, marked as known; null when it does not stand there. Notes a problem once
  /// when this is no map.
  const Value::Entry* find(std::string_view key);
  /// The same without marks and problems.
  [[nodiscard]] const Value::Entry* entry_of(std::string_view key) const;
  [[nodiscard]] std::string path_of(std::string_view key) const;
  /// Notes a problem at a key, in its line or, where it is missing, in this map's; unless one
  /// covers it already.
  void note(std::string_view key, std::string text);
  /// Notes, once, that this is no map, and which keys it could have.
  void note_no_map();
  /// The body of a key's value, made once.
  std::shared_ptr<Body> child(std::string_view key);
  /// The text of a scalar value; null when not given or, with a problem that says what was
  /// expected, when it is a list or map.
  const Value* scalar(std::string_view key, std::string_view expected);
  /// Notes that a scalar is not what was expected, and quotes it as it stands in the file.
  void note_wrong(std::string_view key, std::string_view expected, const Value& value);
  void mark_known(std::string_view key);
};

}  // namespace rowferry::config
