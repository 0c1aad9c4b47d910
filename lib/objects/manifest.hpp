#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.hpp"
#include "formats/change_columns.hpp"
#include "objects/key_template.hpp"

namespace rowferry {

/// One finished object.
struct ObjectEntry {
  std::string key;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  ///< as stored
  std::string sha256;      ///< of the stored bytes, hex
  std::string digest;      ///< of the rows, see RowDigest

  bool operator==(const ObjectEntry&) const = default;
};

/// Older objects that a full copy made needless.
struct Generation {
  std::int64_t run_seq = 0;
  std::vector<std::string> objects;
  std::vector<std::string> manifests;
};

/// What a run wrote: the content of `_manifest.json`.
struct Manifest {
  std::string job;
  std::string table;
  std::int64_t run_seq = 0;
  bool full = false;  ///< replaces what was before; else it adds to it
  WallTime started{};
  std::vector<ObjectEntry> objects;
  std::string schema_json;  ///< an array, see schema_to_json; empty: unknown
  std::string from;         ///< the window that was asked for; empty: none
  std::string to;
  std::string format;
  /// The newest first; of a sink that keeps one old generation that is the first of these, the
  /// others are deleted.
  std::vector<Generation> superseded;
};

/// The columns that reach the objects as a JSON array of `{"name", "type", "nullable"}`.
[[nodiscard]] std::string schema_to_json(const Schema& schema, ChangeColumns change_columns);

/// The text of the file: pretty, with a final line feed.
[[nodiscard]] std::string encode_manifest(const Manifest& manifest);
/// Nothing when the text is no manifest, or names keys that no sink could have made.
[[nodiscard]] std::optional<Manifest> decode_manifest(std::string_view text);

inline constexpr std::string_view kManifestName = "_manifest.json";
/// `_manifest-000012.json`.
[[nodiscard]] std::string numbered_manifest_name(std::int64_t run_seq);
/// The number of such a name.
[[nodiscard]] std::optional<std::int64_t> parse_manifest_number(std::string_view name);

}  // namespace rowferry
