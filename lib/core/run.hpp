#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace rowferry {

/// What a run does.
enum class RunType { sync, full, backfill, reconcile, validate, rebuild, rollback, sweep, replay };
enum class RunState { queued, running, succeeded, failed, cancelled };

/// The words of the contract for types and states, and back.
[[nodiscard]] std::string_view to_string(RunType type);
[[nodiscard]] std::string_view to_string(RunState state);
[[nodiscard]] std::optional<RunType> parse_run_type(std::string_view word);
[[nodiscard]] std::optional<RunState> parse_run_state(std::string_view word);

/// Durable rows and bytes: what was committed, each counted once.
struct Counters {
  std::int64_t rows_read = 0;
  std::int64_t rows_written = 0;
  std::int64_t rows_deleted = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;

  Counters& operator+=(const Counters& other);
};

/// One execution of a job, as the history keeps it.
struct Run {
  std::int64_t id = 0;  ///< unique in the store, later runs larger
  std::string job;
  std::int64_t run_seq = 0;  ///< numbered per job from 1, never reused
  RunType type = RunType::sync;
  RunState state = RunState::queued;
  WallTime started_at{};
  std::optional<WallTime> finished_at;
  Counters counters;
  std::int64_t retries = 0;
  std::string error;        ///< the server's message; secrets removed
  std::string report_json;  ///< empty, or a JSON value (validate, reconcile, tables)
  /// The window of a backfill, as asked for. Of a replay `from` is the part of the reasons that was
  /// asked for.
  std::string from;
  std::string to;
};

}  // namespace rowferry
