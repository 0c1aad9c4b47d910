#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace rowferry {

/// A row that the sink refused for good, or that could not be sent, kept until it is replayed or
/// dropped. Its identity is (job, unit, key).
struct DeadLetter {
  std::string id;  ///< made of job, unit and key
  std::string job;
  std::string unit;
  std::string key_json;  ///< the identity columns as a JSON object
  std::string row_json;  ///< the row as a JSON object; a huge row is cut to its key and sizes
  std::string reason;    ///< the server's message; secrets removed
  std::int64_t run = 0;  ///< the id of the run
  WallTime time{};
  std::int64_t tries = 1;

  /// What the limits of a job count: the bytes of key, row and reason.
  [[nodiscard]] std::size_t bytes() const {
    return key_json.size() + row_json.size() + reason.size();
  }
};

/// Which letters to list: the newest of a job, at most `limit`.
struct DeadLetterQuery {
  std::string job;
  std::size_t limit = 100;
  std::optional<std::string> reason;
};

/// What the engine keeps in memory of a letter.
struct DeadLetterEntry {
  std::string id;
  std::size_t bytes = 0;
};

/// How much a job's dead letters hold.
struct DeadLetterTotals {
  std::size_t rows = 0;
  std::size_t bytes = 0;
};

}  // namespace rowferry
