#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/task.hpp"

namespace rowferry::test {

/// A client of the API on the loopback, with raw bytes.
class ApiClient {
 public:
  explicit ApiClient(const boost::asio::any_io_executor& executor) : socket_(executor) {}

  Task<> connect(std::uint16_t port);
  /// As `connect`, under TLS; whatever certificate is shown is taken. False when that fails.
  Task<bool> connect_tls(std::uint16_t port);
  /// False when the server is gone.
  Task<bool> send(std::string_view bytes);
  /// Everything up to the end of the connection.
  Task<std::string> read_all();
  /// Everything up to that text, which comes with it; less when the connection ends before.
  Task<std::string> read_until(std::string text);
  void close();
  /// The common name of the certificate that the server showed.
  [[nodiscard]] std::string server_name() const;

 private:
  Task<bool> read_some();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::context> context_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  std::string received_;
};

}  // namespace rowferry::test
