#pragma once

#include <cstddef>
#include <string_view>

#include "base/csv_text.hpp"
#include "config/node.hpp"
#include "core/job_definition.hpp"
#include "formats/change_columns.hpp"
#include "objects/key_template.hpp"

namespace rowferry {

/// What the rows of an object are written as.
enum class ObjectFormat { ndjson, csv };

/// `ndjson` or `csv`, also the ending of a key.
[[nodiscard]] std::string_view to_string(ObjectFormat format);

/// What the sinks that write objects (files, S3) have in common.
struct ObjectSettings {
  KeyTemplate key;
  ObjectFormat format = ObjectFormat::ndjson;
  CsvDialect csv;
  bool csv_header = true;
  ChangeColumns change_columns = ChangeColumns::no;
  std::size_t object_bytes = 128u << 20;  ///< as stored; a larger single row stands alone
  std::size_t open_objects = 8;
  bool manifest = true;
  /// The job sends changes: every run adds a numbered manifest.
  bool change_log = false;
};

/// Reads the keys that all object sinks have; notes problems.
[[nodiscard]] ObjectSettings parse_object_settings(const JobSettings& job,
                                                   const config::Node& sink);

}  // namespace rowferry
