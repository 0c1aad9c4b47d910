#include "connections/postgres/server_examination.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "pq/failure.hpp"
#include "pq/quote.hpp"

namespace rowferry::connections {
namespace {

using std::chrono::milliseconds;

constexpr int kVersionMin = 130000;
constexpr int kVersionTestedBelow = 180000;
constexpr milliseconds kTimeoutAdvised{10'000};

constexpr std::string_view kFacts = R"(
SELECT current_setting('server_version'), current_user, current_database(), pg_is_in_recovery(),
       (SELECT system_identifier FROM pg_control_system())::text,
       coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1),
       coalesce((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1),
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int)";

Finding judge_version(const ServerFacts& facts) {
  if (facts.version < kVersionMin) {
    return {Severity::wrong, fmt::format("PostgreSQL {} is too old", facts.version_text),
            "upgrade the server to PostgreSQL 13 or later"};
  }
  if (facts.version >= kVersionTestedBelow) {
    return {Severity::warning,
            fmt::format("PostgreSQL {} is newer than the versions known to work, 13 to 17",
                        facts.version_text),
            "look for a newer rowferry"};
  }
  return {Severity::ok,
          fmt::format("PostgreSQL {} answers: {}, database {}, user {}", facts.version_text,
                      facts.is_standby ? "a standby" : "a primary", facts.database, facts.user),
          ""};
}

void judge_sessions(const ServerFacts& facts, const PostgresSettings& settings,
                    std::vector<Finding>& findings) {
  const auto wanted = static_cast<std::int64_t>(settings.sessions_max);
  const auto note = [&](std::int64_t allowed, std::string_view who, std::string remedy) {
    if (allowed >= 0 && allowed < wanted) {
      findings.push_back({Severity::warning,
                          fmt::format("max_sessions is {}, and {} allows {}", wanted, who, allowed),
                          std::move(remedy)});
    }
  };
  note(facts.role_sessions_max, "the role",
       fmt::format("ALTER ROLE {} CONNECTION LIMIT {};", pq::quote_identifier(facts.user), wanted));
  note(facts.database_sessions_max, "the database",
       fmt::format("ALTER DATABASE {} CONNECTION LIMIT {};", pq::quote_identifier(facts.database),
                   wanted));
  note(facts.server_sessions_max, "the server",
       fmt::format("set max_sessions to less than {}, or raise the server's max_connections",
                   facts.server_sessions_max));
}

Finding judge_timeout(const PostgresSettings& settings) {
  const std::string text =
      fmt::format("statement_timeout {}", format_duration(settings.statement_timeout));
  if (settings.statement_timeout < kTimeoutAdvised) {
    return {Severity::warning,
            text + " is short: chunks of a copy that take longer are cut and read in halves",
            "set statement_timeout to 10m"};
  }
  return {Severity::ok, text, ""};
}

}  // namespace

Task<ServerFacts> read_server_facts(pq::Session& session) {
  pq::Statement statement;
  statement.purpose = "asking the server about itself";
  statement.sql = kFacts;
  const pq::Result found = co_await session.query(statement);
  ServerFacts facts;
  facts.version = session.server_version();
  facts.version_text = found.text(0, 0);
  facts.user = found.text(0, 1);
  facts.database = found.text(0, 2);
  facts.is_standby = found.boolean(0, 3);
  facts.system_identifier = found.text(0, 4);
  facts.role_sessions_max = found.integer(0, 5);
  facts.database_sessions_max = found.integer(0, 6);
  facts.server_sessions_max = found.integer(0, 7);
  co_return facts;
}

std::vector<Finding> judge_server(const ServerFacts& facts, const PostgresSettings& settings,
                                  bool has_primary) {
  std::vector<Finding> findings;
  findings.push_back(judge_version(facts));
  if (facts.is_standby && !has_primary) {
    findings.push_back({Severity::warning,
                        "the server is a standby, which does not list running transactions: late "
                        "commits are found by overlap only",
                        "set replica_of to a connection of its primary, or let the dsn name the "
                        "primary"});
  }
  judge_sessions(facts, settings, findings);
  findings.push_back(judge_timeout(settings));
  return findings;
}

std::vector<Finding> judge_replica(const ServerFacts& replica, const ServerFacts& primary,
                                   const std::string& primary_name) {
  if (!replica.is_standby) {
    return {{Severity::warning,
             fmt::format("replica_of names {}, and the server is no standby (was it promoted?): it "
                         "is read as a primary",
                         primary_name),
             "take replica_of out, or let the dsn name the standby"}};
  }
  if (primary.is_standby) {
    return {{Severity::refused,
             fmt::format("replica_of names {}, whose server is a standby itself", primary_name),
             fmt::format("let the dsn of {} name the primary", primary_name)}};
  }
  if (replica.system_identifier != primary.system_identifier) {
    return {{Severity::wrong,
             fmt::format("replica_of names {}, and the server is no replica of that one: they have "
                         "different system identifiers",
                         primary_name),
             "let replica_of name the connection of its primary"}};
  }
  if (replica.database != primary.database) {
    return {{Severity::wrong,
             fmt::format("replica_of names {}, which leads to database {}, and this one to {}",
                         primary_name, primary.database, replica.database),
             "let both name one database"}};
  }
  return {{Severity::ok, fmt::format("a standby of {}", primary_name), ""}};
}

Finding finding_of_failure(const Error& error) {
  Finding finding = finding_of(error);
  finding.remedy = pq::advice(error.reason());
  const std::string ending = "; " + finding.remedy;
  if (!finding.remedy.empty() && finding.text.ends_with(ending)) {
    finding.text.resize(finding.text.size() - ending.size());
  }
  if (error.reason() == "pooler") {
    finding.remedy = "let the dsn name the server itself, or a pool with pool_mode = session";
  }
  return finding;
}

Task<std::vector<Finding>> PostgresConnection::examine() {
  std::vector<Finding> findings;
  try {
    const Lease lease = co_await sessions_.borrow(Priority::live);
    const ServerFacts facts = co_await read_server_facts(*lease);
    findings = judge_server(facts, settings_, primary_ != nullptr);
    if (primary_ != nullptr) {
      std::vector<Finding> more = co_await examine_replica(facts);
      findings.insert(findings.end(), more.begin(), more.end());
    }
  } catch (const Error& error) {
    findings.push_back(finding_of_failure(error));
  }
  co_return findings;
}

Task<std::vector<Finding>> PostgresConnection::examine_replica(ServerFacts replica) {
  std::vector<Finding> findings;
  try {
    const Lease lease = co_await primary_->borrow(Priority::live);
    const ServerFacts facts = co_await read_server_facts(*lease);
    findings = judge_replica(replica, facts, primary_->name());
  } catch (const Error& error) {
    Finding finding = finding_of_failure(error);
    finding.text = fmt::format("its primary cannot be asked: {}", finding.text);
    findings.push_back(std::move(finding));
  }
  co_return findings;
}

}  // namespace rowferry::connections
