#pragma once

#include <cstdint>
#include <memory>

#include "api/certificate.hpp"
#include "api/limits.hpp"
#include "api/listener.hpp"
#include "api/router.hpp"
#include "base/task.hpp"
#include "core/run_context.hpp"

namespace rowferry::api {

/// Where and how a server answers.
struct ServerSettings {
  Listen listen;
  TlsFiles tls;
  Limits limits;
};

/// Answers HTTP/1.1 on one address. All handlers run on the event loop.
class Server {
 public:
  /// The runtime and the router outlive the server.
  Server(const Runtime& runtime, ServerSettings settings, const Router& router);
  ~Server();

  /// Reads the certificate, binds and listens; throws Error{config} when one of them cannot be had.
  void start();

  /// The port that was bound (useful when 0 was asked for).
  [[nodiscard]] std::uint16_t port() const;

  /// Accepts until `stop`.
  Task<> serve();

  /// Looks whether the certificate was renewed; that also happens by itself within a minute.
  void reload_certificate();

  /// Ends accepting and all sessions.
  void stop();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry::api
