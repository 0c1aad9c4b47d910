#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "base/blocking.hpp"
#include "base/task.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

namespace rowferry::http {

/// Whom a client talks to, and how many connections it may keep.
struct ClientSettings {
  Endpoint endpoint;
  std::filesystem::path ca_file;  ///< PEM; empty: the system's authorities
  std::size_t connections_max = 16;
  std::chrono::milliseconds connect_timeout_max{10'000};
  /// A connection that was unused for longer is not used again.
  std::chrono::milliseconds idle_max{30'000};
};

/// Speaks HTTP/1.1 (RFC 9112) with one server over connections that it keeps, plain or under TLS.
/// Used on the event loop; looks names up and reads certificates on the workers. Holds no policy:
/// a reply of any status is a Response, and a request is sent once more only where it is
/// `Repeatable` and a kept connection turned out to be dead before anything of a reply arrived.
class Client {
 public:
  /// `workers` outlives the client, the client its requests.
  Client(const boost::asio::any_io_executor& executor, WorkerPool& workers,
         ClientSettings settings);
  ~Client();
  Client(Client&&) noexcept;

  [[nodiscard]] const Endpoint& endpoint() const;

  /// Sends a request and waits for the whole reply. Throws Error, naming host and port:
  /// - transient, with a reason: `timeout`, `dns`, `refused` (no connection), `tls`, `closed` or
  ///   `reset` (without a reply), `cut_off` (within one), `protocol`;
  /// - transient `closed_while_sending`: a body of a mebibyte or more on a new connection, reset
  ///   before a reply. Servers refuse a body that is too large for them so, and so do dying ones;
  /// - too_large: the reply is longer than `reply_bytes_max`.
  Task<Response> send(Request request);

  /// Closes the connections that wait for work.
  void close_idle();

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace rowferry::http
