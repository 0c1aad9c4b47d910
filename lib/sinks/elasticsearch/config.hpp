#pragma once

#include "config/components.hpp"
#include "config/node.hpp"
#include "sinks/elasticsearch/settings.hpp"

namespace rowferry {

namespace elasticsearch {

/// Reads the sink keys of type elasticsearch; notes problems, touches nothing but `index_config`.
[[nodiscard]] SinkSettings parse_sink_settings(const config::Node& node);

}  // namespace elasticsearch

/// Reads `jobs.NAME.sink` where its connection is of type elasticsearch.
[[nodiscard]] config::ParsedSink parse_elasticsearch_sink(const JobSettings& job,
                                                          const config::Node& sink);

}  // namespace rowferry
