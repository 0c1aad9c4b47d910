#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/certificate.hpp"

namespace rowferry::test {

/// A server on a free port of the loopback that answers every request under TLS with `200 ok`.
class TlsServer {
 public:
  TlsServer(const boost::asio::any_io_executor& executor, const Certificate& certificate);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;
  /// The name that the last client asked for (SNI); empty: none.
  [[nodiscard]] std::string name_asked_for() const;
  /// Bytes of bodies that arrived.
  [[nodiscard]] std::size_t body_bytes() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace rowferry::test
