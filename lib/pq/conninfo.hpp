#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace rowferry::pq {

/// The parameters of a libpq connection string, by keyword; only those that were given.
using ConnectionParameters = std::map<std::string, std::string, std::less<>>;

/// Reads a connection string in keyword or URI form. Throws Error{config} with libpq's text, from
/// which a password cannot be read.
[[nodiscard]] ConnectionParameters parse_connection_string(const std::string& dsn);

/// What is wrong with a connection string, if anything.
[[nodiscard]] std::optional<std::string> connection_string_problem(const std::string& dsn);

/// The secrets inside a connection string (`password`, `sslpassword`), for the redactor.
[[nodiscard]] std::vector<Secret> secrets_in(const std::string& dsn);

/// One set of parameters a server to be tried, in order. libpq tries a list of hosts with one
/// deadline for all when it is driven without blocking; tried one by one, a dead host costs its own
/// deadline only. `prefer-standby` becomes a round that asks for a standby and one that takes any.
[[nodiscard]] std::vector<ConnectionParameters> single_host_attempts(
    const ConnectionParameters& parameters);

/// `host:port/database` or `socket folder:port/database` as people know it, without secrets.
[[nodiscard]] std::string describe_server(const ConnectionParameters& parameters);

}  // namespace rowferry::pq
