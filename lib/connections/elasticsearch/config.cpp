#include "connections/elasticsearch/config.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <utility>

#include "config/file_text.hpp"
#include "connections/elasticsearch/elasticsearch_connection.hpp"

namespace rowferry {

namespace elasticsearch {
namespace {

using config::Node;
using std::chrono::milliseconds;

constexpr milliseconds kTimeoutMin{100};

void parse_url_into(const Node& node, const std::string& text, std::vector<http::Url>& urls) {
  const auto url = http::parse_url(text);
  if (!url) {
    node.problem("", "must be an http:// or https:// URL without query, like https://es:9200");
  } else if (!url->user.empty() || !url->password.empty()) {
    node.problem("", "must hold no user or password: give them as username and password");
  } else {
    urls.push_back(*url);
  }
}

/// A list of URLs, or one alone.
std::vector<http::Url> parse_urls(const Node& node) {
  std::vector<http::Url> urls;
  const Node given = node.required("urls");
  if (given.is_scalar()) {
    parse_url_into(given, given.scalar(), urls);
    return urls;
  }
  for (const Node& item : given.items()) {
    if (item.is_scalar()) {
      parse_url_into(item, item.scalar(), urls);
    } else {
      item.problem("", item.empty() ? "must not be empty" : "must be text");
    }
  }
  return urls;
}

/// One spelling of a host: names in lower case, addresses as the library writes them, and one
/// address for this machine.
std::string normal_host(std::string host) {
  boost::algorithm::to_lower(host);
  if (host.ends_with('.')) {
    host.pop_back();
  }
  boost::system::error_code code;
  const auto address = boost::asio::ip::make_address(host, code);
  const bool is_this_machine = host == "localhost" || (!code && address.is_loopback());
  if (is_this_machine) {
    return "localhost";
  }
  return code ? host : address.to_string();
}

/// The authority's file; one that plainly holds no certificate is a problem.
std::filesystem::path parse_ca_file(const Node& node) {
  constexpr std::size_t kBytesMax = 16u << 20;  // of a whole system's authorities: some 250 KiB
  std::filesystem::path path = node.existing_file("ca_file");
  const config::FileText file =
      path.empty() ? config::FileText{} : config::read_file(path, kBytesMax);
  const bool is_read = !path.empty() && file.problem.empty();
  if (is_read && file.text.find("-----BEGIN ") == std::string::npos) {
    node.problem("ca_file",
                 fmt::format("{} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
                             path.string()));
  }
  return path;
}

bool is_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=";
  return text.find_first_not_of(kDigits) == std::string_view::npos;
}

void check_login(const Node& node, const ConnectionSettings& settings) {
  const bool has_username = node.given("username");
  const bool has_password = node.given("password");
  if (has_username && has_password && settings.username.find(':') != std::string::npos) {
    node.problem("username", "must hold no colon (RFC 7617)");
  }
  if (has_username && !has_password) {
    node.problem("password", "is missing: username is given");
  }
  if (has_password && !has_username) {
    node.problem("username", "is missing: password is given");
  }
  if (node.given("api_key") && (has_username || has_password)) {
    node.problem("api_key", "must not be given together with username and password");
  }
  const std::string& api_key = settings.api_key.reveal();
  if (api_key.find(':') == std::string::npos && !is_base64(api_key)) {
    node.problem("api_key", "must be id:key, or these encoded in base64 as the server gives them");
  }
}

}  // namespace

ConnectionSettings parse_connection_settings(const Node& node) {
  ConnectionSettings settings;
  settings.urls = parse_urls(node);
  settings.username = node.text("username");
  settings.password = node.secret("password");
  settings.api_key = node.secret("api_key");
  settings.ca_file = parse_ca_file(node);
  settings.request_timeout =
      node.duration("request_timeout", settings.request_timeout, kTimeoutMin);
  check_login(node, settings);
  node.finish();
  return settings;
}

}  // namespace elasticsearch

MakeConnection parse_elasticsearch_connection(const std::string& name, const config::Node& node) {
  return [name, settings = elasticsearch::parse_connection_settings(node)](
             const Runtime& runtime) -> std::shared_ptr<Connection> {
    return std::make_shared<ElasticsearchConnection>(name, settings, runtime);
  };
}

std::vector<std::string> places_of_elasticsearch_connection(const config::Node& node) {
  std::vector<std::string> places;
  for (const http::Url& url : elasticsearch::parse_urls(node)) {
    places.push_back(fmt::format("elasticsearch:{}:{}{}/",
                                 elasticsearch::normal_host(url.endpoint.host), url.endpoint.port,
                                 url.path));
  }
  return places;
}

}  // namespace rowferry
