#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/test_rows.hpp"

namespace rowferry::test {

/// What a reader who follows the manifests finds in a folder of NDJSON objects.
struct ChangeLog {
  TestContent content;
  std::size_t rows = 0;  ///< in the objects that the manifests name, removals too
  std::vector<std::string> keys;
};

/// Reads the numbered manifests of a job in order, from its last full copy on; where there are
/// none,
/// `_manifest.json`. Within a run the rows follow one another as (object, row), or `by_sequence` as
/// their `_sequence` says, where a key with `{column:..}` spreads the rows of an id. Throws when an
/// object does not have the size, rows, SHA-256 or digest that its manifest says.
[[nodiscard]] ChangeLog read_change_log(const std::filesystem::path& base, const std::string& job,
                                        bool by_sequence = false);

}  // namespace rowferry::test
