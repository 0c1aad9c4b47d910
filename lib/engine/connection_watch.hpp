#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "base/secret.hpp"
#include "core/connection.hpp"
#include "core/run_context.hpp"
#include "engine/metrics.hpp"

namespace rowferry {

/// Asks every connection that is needed for a sign of life, every few seconds and whenever a job
/// had trouble with it, so that within ten seconds it is known which one failed or stopped
/// answering.
class ConnectionWatch {
 public:
  /// Whether an unpaused job uses that connection.
  using IsNeeded = std::function<bool(const std::string& connection)>;

  /// The references outlive it.
  ConnectionWatch(const Runtime& runtime, const Redactor& redactor, Metrics& metrics,
                  IsNeeded is_needed);

  /// Watches a connection, from now on or from `start` on; one that is watched already is ignored.
  void add(std::shared_ptr<Connection> connection);
  /// Ends the watch over one connection, after a probe under way; an unknown name is ignored.
  Task<> remove(std::string connection);

  void start();
  /// Ends the watch; waits for the probes under way.
  Task<> stop();

  /// Asks that connection now; an unknown name is ignored.
  void check_now(const std::string& connection);

  /// Why a connection cannot be used; empty when it answered. One that was never asked is said to
  /// be unknown as long as it is needed.
  [[nodiscard]] std::string trouble(const std::string& connection) const;

 private:
  struct Watched;

  Task<> watch(std::shared_ptr<Watched> watched);
  Task<> probe(Watched& watched);
  Task<> ask(Watched& watched);
  void judge(Watched& watched, std::string trouble);

  const Runtime& runtime_;
  const Redactor& redactor_;
  Metrics& metrics_;
  IsNeeded is_needed_;
  std::map<std::string, std::shared_ptr<Watched>> watched_;
  TaskGroup tasks_;
  bool is_started_ = false;
  bool is_stopping_ = false;
};

}  // namespace rowferry
