#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

struct pg_result;

namespace rowferry::pq {

/// What the caller can do about an SQLSTATE (PostgreSQL manual, appendix A). Connections, locks,
/// limits, privileges, missing objects and refused logins are worth another try, because a person
/// may mend the server while we wait; syntax and types are the configuration's; statements that ran
/// into a limit of the server are too large; data is rejected.
[[nodiscard]] Failure classify(std::string_view sqlstate);

/// What the operator can do about an SQLSTATE, or another reason of `connect_error`, as a phrase;
/// empty when the server's text says all.
[[nodiscard]] std::string_view advice(std::string_view reason);

/// A server's complaint in parts.
struct ServerMessage {
  std::string sqlstate;
  std::string text;
  std::string detail;
  std::string hint;
};

/// The parts of an error result. A failure that libpq itself found has no SQLSTATE.
[[nodiscard]] ServerMessage message_of(const pg_result* result);

/// The error for a server's complaint: `WHAT: text (SQLSTATE); detail; hint; advice`, its reason
/// the SQLSTATE. `what` names the connection and what was attempted.
[[nodiscard]] Error server_error(std::string_view what, const ServerMessage& message);

/// The error for a connection that could not be made, from libpq's text in its verbose form (no
/// other place tells the SQLSTATE). Reason: the SQLSTATE where a server answered, else `tls`,
/// `authentication` or `unreachable`.
[[nodiscard]] Error connect_error(std::string_view what, std::string_view libpq_text);

/// Several lines as one, without the places in the server's source that the verbose form adds.
[[nodiscard]] std::string one_line(std::string_view libpq_text);

}  // namespace rowferry::pq
