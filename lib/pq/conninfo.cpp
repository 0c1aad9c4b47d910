#include "pq/conninfo.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/error.hpp"

namespace rowferry::pq {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

constexpr auto kSslModes = std::to_array<std::string_view>(
    {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"});

/// libpq quotes what it could not read, which may be a password or hold one. Only the name of an
/// unknown keyword is kept.
std::string without_quoted_parts(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  // What stands behind such words is a sign that libpq looked for, not a part of the string.
  constexpr std::string_view kWanted = "matching \"]\"";
  const std::size_t wanted = text.find(kWanted);
  const std::size_t start = wanted == std::string::npos ? 0 : wanted + kWanted.size();
  const std::size_t first = text.find('"', start);
  const std::size_t last = text.rfind('"');
  if (first == std::string::npos || text.starts_with("invalid connection option") ||
      text.starts_with("invalid URI query parameter")) {
    return text;
  }
  return text.replace(first, last - first + 1, "\"...\"");
}

/// libpq ends the password at the first `@` (or takes none, behind a `/`), and would look for a
/// host by the name of its rest.
bool has_unescaped_user_part(std::string_view dsn) {
  const std::size_t scheme = dsn.find("://");
  if (!dsn.starts_with("postgresql://") && !dsn.starts_with("postgres://")) {
    return false;
  }
  const std::string_view rest = dsn.substr(scheme + 3);
  const std::size_t first = rest.find('@');
  const std::size_t path = rest.find('/');
  return first != std::string_view::npos && (rest.rfind('@') != first || path < first);
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma = text.find(','); comma != std::string_view::npos;
       comma = text.find(',', begin)) {
    parts.emplace_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  parts.emplace_back(text.substr(begin));
  return parts;
}

/// The items of a list parameter; none when it was not given.
std::vector<std::string> listed(const ConnectionParameters& parameters, std::string_view keyword) {
  const auto found = parameters.find(keyword);
  return found == parameters.end() ? std::vector<std::string>() : split_at_commas(found->second);
}

std::string value_of(const ConnectionParameters& parameters, std::string_view keyword,
                     std::string_view fallback) {
  const auto found = parameters.find(keyword);
  return found == parameters.end() ? std::string(fallback) : found->second;
}

/// Whether a list fits `count` hosts: not given, one for each, or (ports) one for all.
bool fits(const std::vector<std::string>& list, std::size_t count, bool one_for_all) {
  return list.empty() || list.size() == count || (one_for_all && list.size() == 1);
}

/// A number between 1 and 65535; libpq forgives spaces around it.
bool is_port(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
  text = text.substr(first, text.find_last_not_of(' ') + 1 - first);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0;
}

/// What libpq itself would only say when it connects; empty when nothing is wrong.
std::string value_problem(const ConnectionParameters& parameters) {
  for (const std::string& port : listed(parameters, "port")) {
    if (!port.empty() && !is_port(port)) {
      return "port must be a number between 1 and 65535";
    }
  }
  const std::string sslmode = value_of(parameters, "sslmode", "");
  if (!sslmode.empty() && std::ranges::find(kSslModes, sslmode) == kSslModes.end()) {
    return fmt::format("sslmode must be one of {}", fmt::join(kSslModes, ", "));
  }
  return {};
}

void put_item(ConnectionParameters& parameters, const std::string& keyword,
              const std::vector<std::string>& list, std::size_t index) {
  if (list.empty()) {
    return;
  }
  const std::string& item = list.size() == 1 ? list.front() : list[index];
  if (item.empty()) {
    parameters.erase(keyword);
  } else {
    parameters[keyword] = item;
  }
}

}  // namespace

ConnectionParameters parse_connection_string(const std::string& dsn) {
  char* complaint = nullptr;
  const Options options(PQconninfoParse(dsn.c_str(), &complaint), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(complaint, &PQfreemem);
  if (options == nullptr) {
    throw Error(Failure::config,
                without_quoted_parts(complaint == nullptr ? "out of memory" : complaint));
  }
  ConnectionParameters parameters;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      parameters.emplace(option->keyword, option->val);
    }
  }
  return parameters;
}

std::optional<std::string> connection_string_problem(const std::string& dsn) {
  if (has_unescaped_user_part(dsn)) {
    return "the user or the password holds a character that a URI must escape: write @ as %40, "
           "/ as %2F, ? as %3F, # as %23, or give the password in `password`";
  }
  try {
    const ConnectionParameters parameters = parse_connection_string(dsn);
    const std::string wrong = value_problem(parameters);
    if (!wrong.empty()) {
      return wrong;
    }
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

std::vector<Secret> secrets_in(const std::string& dsn) {
  std::vector<Secret> secrets;
  const Options options(PQconninfoParse(dsn.c_str(), nullptr), &PQconninfoFree);
  const ConnectionParameters parameters =
      options == nullptr ? ConnectionParameters() : parse_connection_string(dsn);
  for (const auto& [keyword, value] : parameters) {
    if ((keyword == "password" || keyword == "sslpassword") && !value.empty()) {
      secrets.emplace_back(value);
    }
  }
  return secrets;
}

std::vector<ConnectionParameters> single_host_attempts(const ConnectionParameters& parameters) {
  const std::vector<std::string> hosts = listed(parameters, "host");
  const std::vector<std::string> addresses = listed(parameters, "hostaddr");
  const std::vector<std::string> ports = listed(parameters, "port");
  const std::size_t count = std::max(hosts.size(), addresses.size());
  // Lists that do not fit one another are libpq's to complain about.
  if (count < 2 || !fits(hosts, count, false) || !fits(addresses, count, false) ||
      !fits(ports, count, true)) {
    return {parameters};
  }
  std::vector<ConnectionParameters> attempts;
  for (std::size_t index = 0; index < count; ++index) {
    ConnectionParameters attempt = parameters;
    put_item(attempt, "host", hosts, index);
    put_item(attempt, "hostaddr", addresses, index);
    put_item(attempt, "port", ports, index);
    attempts.push_back(std::move(attempt));
  }
  if (value_of(parameters, "target_session_attrs", "") == "prefer-standby") {
    for (std::size_t index = 0; index < count; ++index) {
      attempts.push_back(attempts[index]);
      attempts[index]["target_session_attrs"] = "standby";
      attempts.back()["target_session_attrs"] = "any";
    }
  }
  return attempts;
}

std::string describe_server(const ConnectionParameters& parameters) {
  const std::string host =
      value_of(parameters, "host", value_of(parameters, "hostaddr", "local socket"));
  const std::string user = value_of(parameters, "user", "");
  return fmt::format("{}:{}/{}", host, value_of(parameters, "port", "5432"),
                     value_of(parameters, "dbname", user));
}

}  // namespace rowferry::pq
