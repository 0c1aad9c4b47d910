#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"

namespace rowferry::elasticsearch {

/// Which of several servers to ask: the healthy ones in turn. One that fails rests, for a second at
/// first and twice as long each time in a row, at most a minute. Pure: told what time it is.
class Rotation {
 public:
  /// `servers` is at least one.
  explicit Rotation(std::size_t servers);

  /// The indexes of all servers in the order to try them: the healthy ones, beginning with the next
  /// in turn, then those that rest, the one whose rest ends first before the others.
  [[nodiscard]] std::vector<std::size_t> order(SteadyTime now);

  void failed(std::size_t server, SteadyTime now);
  void worked(std::size_t server);

 private:
  struct Server {
    SteadyTime rests_until{};
    std::uint32_t failures = 0;
  };
  std::vector<Server> servers_;
  std::size_t next_ = 0;
};

}  // namespace rowferry::elasticsearch
