#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

struct pg_result;

namespace rowferry::pq {

/// What the caller can do about an SQLSTATE (PostgreSQL manual, appendix A). Connections, locks,
/// limits, privileges, missing objects and refused logins are worth another try, because a person
/// may mend the server while we wait; syntax and types are the configuration's; data is rejected.
[[nodiscard]] Failure classify(std::string_view sqlstate);

/// What the operator can do about an SQLSTATE, as a sentence; empty when the server's text says
/// all.
[[nodiscard]] std::string_view advice(std::string_view sqlstate);

/// A server's complaint in parts.
struct ServerMessage {
  std::string sqlstate;
  std::string text;
  std::string detail;
  std::string hint;
};

/// The parts of an error result.
[[nodiscard]] ServerMessage message_of(const pg_result* result);

/// The error for a server's complaint: `WHAT: text (detail; hint): advice`, reason = the SQLSTATE.
/// `what` names the connection and what was attempted.
[[nodiscard]] Error server_error(std::string_view what, const ServerMessage& message);

/// The error for a connection that could not be made, from libpq's text alone (no SQLSTATE is
/// handed out for those): always transient; the reason is one of `authentication`,
/// `too_many_connections`, `missing_database`, `starting_up`, `tls`, `unreachable`. Falls back to
/// `unreachable` where the server's messages are translated.
[[nodiscard]] Error connect_error(std::string_view what, std::string_view text);

}  // namespace rowferry::pq
