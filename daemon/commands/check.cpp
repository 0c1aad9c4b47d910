#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/error.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/plain_words.hpp"
#include "daemon/startup.hpp"

namespace rowferry {
namespace {

// The server's message when a connection cannot be used; empty when it answers.
Task<std::string> failure_of(std::shared_ptr<Connection> connection) {
  std::string failure;
  try {
    co_await connection->probe();
  } catch (const Error& error) {
    failure = error.what();
  }
  co_await connection->close();
  co_return failure;
}

// Asks every connection for a sign of life; counts those that give none.
Task<> probe_all(const config::Settings& settings, const Runtime& runtime, const Redactor& redactor,
                 int& failed) {
  for (const ConnectionDefinition& definition : settings.connections) {
    const std::string failure = co_await failure_of(definition.make(runtime));
    if (!failure.empty()) {
      ++failed;
    }
    fmt::print(stderr, "connection {}: {}\n", definition.name,
               failure.empty() ? "answers" : redactor.redact(failure));
  }
}

}  // namespace

ExitStatus check(const Options& options, const config::Components& components) {
  Redactor redactor;
  const auto settings = load_or_explain(options.config, components, redactor);
  if (!settings) {
    return ExitStatus::wrong_usage;
  }
  fmt::print(stderr, "{}: right: {}, {}\n", options.config,
             counted(settings->connections.size(), "connection"),
             counted(settings->jobs.size(), "job"));
  if (options.offline) {
    return ExitStatus::done;
  }
  Log log(settings->daemon.log, redactor);
  EventLoop loop(log);
  int failed = 0;
  loop.run(probe_all(*settings, loop.runtime(), redactor, failed));
  fmt::print(stderr, "privileges, tables, keys and indexes: not built yet\n");
  return failed == 0 ? ExitStatus::done : ExitStatus::unreachable;
}

}  // namespace rowferry
