#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

/// A proxy of toxiproxy (ROWFERRY_TEST_TOXIPROXY) before a server, gone at the end.
class ToxicProxy {
 public:
  /// `upstream` is `host:port`.
  ToxicProxy(TestLoop& loop, const std::string& upstream);
  ~ToxicProxy();
  ToxicProxy(const ToxicProxy&) = delete;
  ToxicProxy& operator=(const ToxicProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const;

  /// Adds a toxic: `latency`, `timeout`, `reset_peer`, `limit_data`, `slicer`, `bandwidth`, with
  /// its attributes as JSON, on the way `upstream` (to the server) or `downstream`.
  void add(std::string_view toxic, std::string_view way, std::string_view attributes);
  /// Takes a toxic away.
  void remove(std::string_view toxic, std::string_view way);
  /// Refuses connections and ends those that are open, or takes them again.
  void enable(bool enabled);

 private:
  http::Response call(http::Method method, const std::string& target, const std::string& body);

  TestLoop& loop_;
  http::Client client_;
  std::string name_;
  std::uint16_t port_ = 0;
};

}  // namespace rowferry::test
