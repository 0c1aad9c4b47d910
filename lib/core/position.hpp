#pragma once

#include <string>

namespace rowferry {

/// Where a source goes on. Made and read by the source alone (a JSON object as text, so that an
/// operator can look at it and put it back); the engine only stores it. Empty: from the beginning.
struct Position {
  std::string json;

  [[nodiscard]] bool empty() const { return json.empty(); }
  bool operator==(const Position&) const = default;
};

/// A sink's own note (objects done, intents, job ids), a JSON text that is saved with the
/// checkpoint and given back after a restart. Empty: nothing to remember.
struct Receipt {
  std::string json;

  [[nodiscard]] bool empty() const { return json.empty(); }
  bool operator==(const Receipt&) const = default;
};

}  // namespace rowferry
