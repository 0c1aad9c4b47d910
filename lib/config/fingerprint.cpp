#include "config/fingerprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/sha256.hpp"

namespace rowferry::config {
namespace {

// Every part with its length before it, so that no two nodes look the same.
void append(const Node& node, std::string& out) {
  if (node.is_map()) {
    std::vector<std::string> keys = node.keys();
    std::ranges::sort(keys);
    out += fmt::format("map {}\n", keys.size());
    for (const std::string& key : keys) {
      out += fmt::format("{} {}", key.size(), key);
      append(node.at(key), out);
    }
  } else if (node.is_list()) {
    const std::vector<Node> items = node.items();
    out += fmt::format("list {}\n", items.size());
    for (const Node& item : items) {
      append(item, out);
    }
  } else {
    const std::string text = node.empty() ? std::string() : node.scalar();
    out += fmt::format("text {} {}\n", text.size(), text);
  }
}

}  // namespace

std::string fingerprint_of(const Node& node) {
  std::string text;
  append(node, text);
  Sha256 hash;
  hash.update(text);
  return to_hex(hash.finish());
}

}  // namespace rowferry::config
