#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "api/limits.hpp"
#include "api/router.hpp"
#include "api/transport.hpp"
#include "base/task.hpp"

namespace rowferry::api {

/// What the sessions of one server share; outlives them.
struct SessionHouse {
  const Router& router;
  const Limits& limits;
  std::size_t bodies_bytes = 0;  ///< of bodies that are being read
};

/// One client's connection: requests are read and answered in order, until it goes away, is too
/// slow or breaks the protocol.
class Session {
 public:
  /// What a session is about. Who waits for a client may be sent away for a newcomer.
  enum class Phase {
    reading,    ///< waits for a request, or for the rest of one
    answering,  ///< a handler works
    writing,    ///< the client takes its answer
    streaming,  ///< the client listens to events
    ending,     ///< the last answer is sent
  };

  /// Under TLS with that identity; plain without one.
  Session(Transport::Socket socket, SessionHouse& house, std::shared_ptr<ssl_ctx_st> identity);
  ~Session();

  /// Serves until the connection ends; never throws.
  Task<> run();

  /// Ends the connection now; a listener's stream is brought to its end if that goes at once.
  void close();

  [[nodiscard]] Phase phase() const;
  /// Since when the phase lasts.
  [[nodiscard]] std::chrono::steady_clock::time_point since() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry::api
