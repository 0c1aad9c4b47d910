#include "connections/elasticsearch/server_info.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <string>

#include "base/error.hpp"
#include "connections/elasticsearch/server_error.hpp"

namespace rowferry::elasticsearch {
namespace {

namespace json = boost::json;

constexpr int kMajorMin = 7;

const json::object* version_of(const json::value& reply) {
  const json::object* object = reply.if_object();
  const json::value* version = object == nullptr ? nullptr : object->if_contains("version");
  return version == nullptr ? nullptr : version->if_object();
}

std::string member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : "";
}

int major_of(const std::string& version) {
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

}  // namespace

ElasticsearchConnection::Server read_server(std::string_view body) {
  boost::system::error_code code;
  const json::value reply = json::parse({body.data(), body.size()}, code);
  const json::object* version = code ? nullptr : version_of(reply);
  const std::string number = version == nullptr ? "" : member(*version, "number");
  if (number.empty()) {
    throw Error(Failure::transient, fmt::format("the server is neither Elasticsearch nor "
                                                "OpenSearch, it answers: {}",
                                                read_error_body(body).text))
        .with_reason("protocol");
  }
  ElasticsearchConnection::Server server;
  server.version = number;
  if (member(*version, "distribution") == "opensearch") {
    server.product = ElasticsearchConnection::Product::opensearch;
  } else if (major_of(number) < kMajorMin) {
    throw Error(Failure::config, fmt::format("Elasticsearch {} is too old: {} or later is needed",
                                             number, kMajorMin))
        .with_reason("version");
  }
  return server;
}

bool is_alive_but_silent(const http::Response& response) {
  return response.status == 403 &&
         read_error_body(response.body).text.find("cluster:monitor/main") != std::string::npos;
}

}  // namespace rowferry::elasticsearch
