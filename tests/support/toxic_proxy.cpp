#include "tests/support/toxic_proxy.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <stdexcept>

#include "http/status.hpp"
#include "http/url.hpp"
#include "tests/support/search_index.hpp"

namespace rowferry::test {
namespace {

http::ClientSettings toxiproxy() {
  http::ClientSettings settings;
  settings.endpoint = http::parse_url(service("ROWFERRY_TEST_TOXIPROXY")).value().endpoint;
  return settings;
}

std::string unique_name() {
  static std::atomic<int> count = 0;
  return fmt::format("rowferry-{}-{}", getpid(), ++count);
}

}  // namespace

ToxicProxy::ToxicProxy(TestLoop& loop, const std::string& upstream)
    : loop_(loop),
      client_(loop.executor(), loop.runtime().workers, toxiproxy()),
      name_(unique_name()) {
  const http::Response made =
      call(http::Method::post, "/proxies",
           fmt::format(R"({{"name":"{}","listen":"127.0.0.1:0","upstream":"{}","enabled":true}})",
                       name_, upstream));
  const std::string listen(boost::json::parse(made.body).at("listen").as_string());
  port_ = http::parse_url("http://" + listen).value().endpoint.port;
}

ToxicProxy::~ToxicProxy() {
  try {
    call(http::Method::remove, "/proxies/" + name_, "");
  } catch (const std::exception& error) {
    fmt::print(stderr, "cannot remove proxy {}: {}\n", name_, error.what());
  }
}

std::string ToxicProxy::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

void ToxicProxy::add(std::string_view toxic, std::string_view way, std::string_view attributes) {
  call(http::Method::post, "/proxies/" + name_ + "/toxics",
       fmt::format(R"({{"name":"{0}-{1}","type":"{0}","stream":"{1}","attributes":{2}}})", toxic,
                   way, attributes));
}

void ToxicProxy::remove(std::string_view toxic, std::string_view way) {
  call(http::Method::remove, fmt::format("/proxies/{}/toxics/{}-{}", name_, toxic, way), "");
}

void ToxicProxy::enable(bool enabled) {
  call(http::Method::post, "/proxies/" + name_, fmt::format(R"({{"enabled":{}}})", enabled));
}

http::Response ToxicProxy::call(http::Method method, const std::string& target,
                                const std::string& body) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  http::Response response = loop_.run(client_.send(request));
  if (!http::is_success(response.status)) {
    throw std::runtime_error(fmt::format("{}: {} {}", target, response.status, response.body));
  }
  return response;
}

}  // namespace rowferry::test
