#pragma once

#include <optional>
#include <string>

#include "base/task.hpp"
#include "connections/elasticsearch/elasticsearch_connection.hpp"
#include "sinks/elasticsearch/index_definition.hpp"
#include "sinks/elasticsearch/settings.hpp"

namespace rowferry::elasticsearch {

/// Looks at the index (or alias) and creates it where it is missing and `create` is true. Throws
/// Error{config} when it is missing and may not be created, is an alias without one index to write
/// to, a data stream, or forgets removals so soon that order cannot be kept; and when its pipeline
/// is missing. Throws Error{transient} with the server's words when the server refuses us.
Task<IndexFacts> prepare_index(ElasticsearchConnection& connection, const SinkSettings& settings,
                               const Runtime& runtime);

/// Looks at the index (or alias); nothing when there is none. Throws Error{transient} as above.
Task<std::optional<IndexFacts>> look_at_index(ElasticsearchConnection& connection,
                                              const SinkSettings& settings, const Runtime& runtime);

}  // namespace rowferry::elasticsearch
