#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/task.hpp"

namespace rowferry::http {

class TlsContext;

/// One connection over TCP or a local socket, plain or under TLS. Failures are values; whoever
/// waits ends its wait by `abort`.
class Stream {
 public:
  /// Of TCP or of a local socket.
  using Address = boost::asio::generic::stream_protocol::endpoint;

  explicit Stream(const boost::asio::any_io_executor& executor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Connects to one address.
  Task<boost::system::error_code> connect(Address address);

  /// Begins TLS with the server of that name (or address), which its certificate must carry. Gives
  /// an empty text, or why there is none.
  Task<std::string> start_tls(const TlsContext& context, std::string host);

  /// Sends two pieces, one behind the other. Both outlive the call.
  Task<boost::system::error_code> write(std::string_view head, std::string_view body);

  /// Reads some bytes into `room`; 0 without an error never happens.
  Task<std::size_t> read_some(char* room, std::size_t size, boost::system::error_code& code);

  /// Whether a connection that waits for work is still that: neither bytes nor an end have come.
  [[nodiscard]] bool is_quiet();

  /// Closes the socket; what waits for it ends with an error.
  void abort();

 private:
  struct Tls;
  boost::asio::generic::stream_protocol::socket socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace rowferry::http
