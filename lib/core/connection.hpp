#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "core/preflight.hpp"

namespace rowferry {

/// A named server or folder of the configuration, shared by all jobs that use it: its sessions,
/// its credentials, its limits. Concrete sources and sinks know the concrete class.
class Connection {
 public:
  explicit Connection(std::string name) : name_(std::move(name)) {}
  virtual ~Connection() = default;

  [[nodiscard]] const std::string& name() const { return name_; }

  /// The server of this connection is a replica of that one's. Called before anything else, and
  /// only where the configuration says so.
  virtual void follow(std::shared_ptr<Connection> /*primary*/) {}

  /// Asks the server for a sign of life, with a deadline of a few seconds. Throws Error{transient}
  /// with the server's message when it cannot be reached or refuses us.
  virtual Task<> probe() = 0;

  /// Looks whether the server can be used, without changing anything on it; all that is found at
  /// once. By default what a probe says.
  virtual Task<std::vector<Finding>> examine();

  /// Ends all idle sessions. Never throws.
  virtual Task<> close() = 0;

 private:
  std::string name_;
};

}  // namespace rowferry
