#pragma once

#include <string>
#include <vector>

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

/// Where such a connection leads: each of its URLs in one form, whatever its spelling.
[[nodiscard]] std::vector<std::string> places_of_elasticsearch_connection(const config::Node& node);

}  // namespace rowferry
