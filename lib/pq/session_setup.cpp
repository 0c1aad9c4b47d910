#include "pq/session_setup.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "pq/quote.hpp"

namespace rowferry::pq {
namespace {

std::string_view parameter_status(const Wire& wire, const char* name) {
  const char* value = PQparameterStatus(wire.connection(), name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

void append_setting(std::string& sql, std::string_view name, std::string_view value) {
  sql.append(fmt::format("pg_catalog.set_config({}, {}, false), ", quote_literal(name),
                         quote_literal(value)));
}

/// One SELECT that makes all settings and tells which server process answered.
std::string setup_sql(const ConnectSettings& settings, bool unchecked_text) {
  std::string sql = "SELECT ";
  append_setting(sql, "TimeZone", "UTC");
  append_setting(sql, "DateStyle", "ISO, YMD");
  append_setting(sql, "IntervalStyle", "postgres");
  append_setting(sql, "extra_float_digits", "1");
  append_setting(sql, "bytea_output", "hex");
  append_setting(sql, "standard_conforming_strings", "on");
  append_setting(sql, "synchronize_seqscans", "off");
  // Asked for UTF-8, a SQL_ASCII database refuses every row with other bytes; asked for its own
  // form it hands them out, and whoever reads checks them.
  append_setting(sql, "client_encoding", unchecked_text ? "SQL_ASCII" : "UTF8");
  append_setting(sql, "statement_timeout", std::to_string(settings.statement_timeout.count()));
  append_setting(sql, "lock_timeout", std::to_string(settings.lock_timeout.count()));
  append_setting(sql, "idle_in_transaction_session_timeout",
                 std::to_string(settings.idle_in_transaction_timeout.count()));
  sql.append("pg_catalog.pg_backend_pid()");
  return sql;
}

/// Under the deadline of the connecting; who is late is dropped, not cancelled.
Statement setup_statement(std::string purpose, std::string sql, const ConnectSettings& settings) {
  using std::chrono::milliseconds;
  Statement statement{std::move(purpose), std::move(sql)};
  milliseconds timeout = settings.connect_timeout;
  if (settings.connect_until) {
    const auto left = *settings.connect_until - std::chrono::steady_clock::now();
    timeout = std::min(timeout, std::chrono::duration_cast<milliseconds>(left));
  }
  statement.timeout = timeout;
  statement.drop_when_late = true;
  return statement;
}

Task<int> ask_backend_pid(Wire& wire, const Statement& statement) {
  co_await wire.start(statement);
  ResultHandle handle = co_await wire.next_result();
  if (handle == nullptr || PQresultStatus(handle.get()) != PGRES_TUPLES_OK) {
    std::optional<Error> refusal;
    if (handle != nullptr) {
      refusal = wire.complaint(handle.get());
    }
    co_await wire.read_rest(refusal);
    throw refusal.value_or(Error(Failure::transient, "the server does not say who it is"));
  }
  const Result result(std::move(handle));
  co_await wire.finish();
  co_return static_cast<int>(result.integer(0, result.columns() - 1));
}

/// Asks a second client's session which server process serves it: meeting the first one's there
/// proves that it is lent out between transactions. A pooler that other clients keep busy may get
/// by once; the next session asks again.
Task<bool> is_shared_backend(int backend_pid, const ConnectSettings& settings,
                             const Environment& environment) {
  ConnectionHandle connection = co_await make_connection(settings, environment);
  Wire second(std::move(connection), settings, environment);
  const Statement ask =
      setup_statement("looking for a pooler", "SELECT pg_catalog.pg_backend_pid()", settings);
  constexpr int kAsks = 8;
  for (int asked = 0; asked < kAsks; ++asked) {
    const int other_pid = co_await ask_backend_pid(second, ask);
    if (other_pid == backend_pid) {
      co_return true;
    }
  }
  co_return false;
}

[[noreturn]] void refuse_pooler(const ConnectSettings& settings) {
  throw Error(Failure::config,
              fmt::format("connection {}: the dsn leads to a pooler that lends out its sessions a "
                          "transaction at a time (PgBouncer: pool_mode = transaction), which would "
                          "lose our settings; name the server itself or a pool in session mode",
                          settings.name))
      .with_reason("pooler");
}

}  // namespace

Task<std::unique_ptr<Wire>> open_wire(const ConnectSettings& settings, Environment environment) {
  ConnectionHandle connection = co_await make_connection(settings, environment);
  auto wire = std::make_unique<Wire>(std::move(connection), settings, environment);
  const bool unchecked_text = parameter_status(*wire, "server_encoding") == "SQL_ASCII";
  const Statement setup =
      setup_statement("setting up a session", setup_sql(settings, unchecked_text), settings);
  const int backend_pid = co_await ask_backend_pid(*wire, setup);
  wire->set_backend_pid(backend_pid);
  if (parameter_status(*wire, "standard_conforming_strings") != "on") {
    throw Error(Failure::config,
                fmt::format("connection {}: the server does not take standard_conforming_strings = "
                            "on, without which no value can be quoted",
                            settings.name));
  }
  // A pooler cannot know which server process will serve, and makes up the number at the login.
  if (backend_pid != PQbackendPID(wire->connection())) {
    const bool shared = co_await is_shared_backend(backend_pid, settings, environment);
    if (shared) {
      refuse_pooler(settings);
    }
  }
  co_return wire;
}

}  // namespace rowferry::pq
