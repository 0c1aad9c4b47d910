#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sinks/elasticsearch/cell_template.hpp"

namespace rowferry::elasticsearch {

/// How the body of a request is compressed.
enum class Compression : std::uint8_t { none, gzip };

/// What the configuration says of a sink that is a search index.
struct SinkSettings {
  std::string index;
  /// The JSON text of `index_config`: settings, mappings, aliases; empty: none was given.
  std::string index_config;
  std::optional<CellTemplate> id;  ///< nothing: the key's text
  std::optional<CellTemplate> routing;
  bool create = true;
  std::size_t concurrency = 2;
  Compression compression = Compression::gzip;
  bool refresh = false;
  std::string pipeline;
};

}  // namespace rowferry::elasticsearch
