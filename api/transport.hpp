#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/task.hpp"

struct ssl_ctx_st;

namespace rowferry::api {

/// One client's connection, plain or under TLS, and the deadline of what is done with it. Failures
/// are values.
class Transport {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using ErrorCode = boost::system::error_code;

  explicit Transport(Socket socket);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// What is waited for ends with `timed_out` after this long from now on; the connection stays, so
  /// that the client can be told.
  void expires_after(std::chrono::milliseconds duration);
  /// What follows may take as long as it likes.
  void expires_never();

  [[nodiscard]] boost::asio::any_io_executor executor();

  /// Waits for the client's first byte and leaves it where it is; -1: there will be none.
  Task<int> peek();

  /// Answers the client's TLS handshake with that identity.
  Task<ErrorCode> start_tls(std::shared_ptr<ssl_ctx_st> identity);

  /// Reads some bytes into `room`; 0 without an error never happens.
  Task<std::size_t> read_some(char* room, std::size_t size, ErrorCode& code);

  /// Sends all bytes, which outlive the call.
  Task<ErrorCode> write(std::string_view bytes);

  /// Says that nothing more will be sent, as far as that goes without waiting.
  void end_sending();

  /// Closes the connection; what waits for it ends with an error.
  void abort();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace rowferry::api
