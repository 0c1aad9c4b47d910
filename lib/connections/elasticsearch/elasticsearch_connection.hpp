#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "connections/elasticsearch/rotation.hpp"
#include "connections/elasticsearch/settings.hpp"
#include "core/connection.hpp"
#include "core/run_context.hpp"
#include "http/client.hpp"

namespace rowferry {

/// An Elasticsearch (7 or later) or OpenSearch cluster, by one or several URLs.
class ElasticsearchConnection : public Connection {
 public:
  enum class Product : std::uint8_t { elasticsearch, opensearch };

  /// What answers behind the URLs.
  struct Server {
    Product product = Product::elasticsearch;
    std::string version;  ///< `8.8.2`; empty where we may not see it
  };

  ElasticsearchConnection(std::string name, elasticsearch::ConnectionSettings settings,
                          const Runtime& runtime);
  ~ElasticsearchConnection() override;

  /// Sends a request with our credentials to the next healthy URL, below its path, within the
  /// connection's `request_timeout` or the request's timeout, the lesser. A URL that fails rests; a
  /// `Repeatable` request goes on to the others. A reply of any status is a reply. Throws as
  /// http::Client::send does, naming every server that was tried.
  Task<http::Response> request(http::Request request);

  [[nodiscard]] const elasticsearch::ConnectionSettings& settings() const { return settings_; }

  /// What the last probe saw; nothing before the first.
  [[nodiscard]] const std::optional<Server>& server() const { return server_; }

  /// Asks for product and version within 5 seconds. Throws Error{config} for a version that is too
  /// old.
  Task<> probe() override;
  Task<std::vector<Finding>> examine() override;
  Task<> close() override;

 private:
  struct Attempt;
  Task<Attempt> attempt(std::size_t index, http::Request request);
  Task<std::optional<Error>> failure_of(std::size_t index);

  elasticsearch::ConnectionSettings settings_;
  const Runtime& runtime_;
  std::string authorization_;
  std::vector<std::unique_ptr<http::Client>> clients_;
  elasticsearch::Rotation rotation_;
  std::optional<Server> server_;
};

}  // namespace rowferry
