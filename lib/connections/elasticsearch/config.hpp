#pragma once

#include <string>

#include "config/node.hpp"
#include "connections/elasticsearch/settings.hpp"
#include "core/job_definition.hpp"

namespace rowferry {

namespace elasticsearch {

/// Reads the keys of a connection of type elasticsearch; notes problems, touches nothing.
[[nodiscard]] ConnectionSettings parse_connection_settings(const config::Node& node);

}  // namespace elasticsearch

/// Reads `connections.NAME` of type elasticsearch: urls, username, password, api_key, ca_file,
/// request_timeout.
[[nodiscard]] MakeConnection parse_elasticsearch_connection(const std::string& name,
                                                            const config::Node& node);

}  // namespace rowferry
