#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace rowferry::test {

/// A certificate that signs itself, and its key, made for one test.
struct Certificate {
  /// Writes `NAME.crt` and `NAME.key` into the folder. `names` is what the certificate stands for,
  /// as OpenSSL writes it: `DNS:localhost,IP:127.0.0.1`.
  Certificate(const std::filesystem::path& folder, const std::string& name,
              const std::string& names);
  std::filesystem::path certificate;
  std::filesystem::path key;
};

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
