#pragma once

#include <string_view>

#include "connections/elasticsearch/elasticsearch_connection.hpp"

namespace rowferry::elasticsearch {

/// Reads the answer to `GET /`. Throws Error{transient} when it is no search server's, and
/// Error{config} when the server is older than Elasticsearch 7.
[[nodiscard]] ElasticsearchConnection::Server read_server(std::string_view body);

/// Whether a refusal of `GET /` only says that we may not see the cluster's version: the server
/// lives and knows us.
[[nodiscard]] bool is_alive_but_silent(const http::Response& response);

}  // namespace rowferry::elasticsearch
