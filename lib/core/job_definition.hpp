#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/connection.hpp"
#include "core/run_context.hpp"
#include "core/sink.hpp"
#include "core/source.hpp"
#include "core/transform.hpp"

namespace rowferry {

using Milliseconds = std::chrono::milliseconds;

/// When a job runs by itself.
struct Schedule {
  enum class Kind { fetch_delay, cron, manual } kind = Kind::manual;
  Milliseconds fetch_delay{5000};
  std::string cron;              ///< five fields
  std::string timezone = "UTC";  ///< an IANA name
};

/// Exponential backoff with full jitter: before try n the engine waits
/// random(1 - jitter, 1) * min(max_delay, initial_delay * multiplier^n).
struct RetryPolicy {
  Milliseconds initial_delay{500};
  double multiplier = 2;
  Milliseconds max_delay{60'000};
  double jitter = 1.0;
  std::optional<Milliseconds> give_up_after;  ///< nothing: never
};

/// How much may wait in the dead letters; beyond it the job stops.
struct DeadLetterLimits {
  std::size_t rows_max = 1000;
  std::size_t bytes_max = 64u << 20;
};

/// What happens to the rows already sent when columns, where or transforms were edited.
enum class OnDefinitionChange { warn, full };

/// The settings of a job that the engine itself acts on.
struct JobSettings {
  std::string name;
  Schedule schedule;
  BatchLimits batch;
  RetryPolicy retry;
  DeadLetterLimits dead_letters;
  OnDefinitionChange on_definition_change = OnDefinitionChange::warn;
  /// Whether runs send changes only (the source has a cursor) and whether they can send removals
  /// (`deleted`, tombstones, reconcile). Set from the source before the sink is parsed, for its
  /// checks.
  bool incremental = false;
  bool removes_rows = false;
  /// When the job sweeps by itself, beside its schedule. Set from the source likewise.
  std::optional<Schedule> sweep;
  /// The table's name without its schema, for a query the job's name. Set from the source likewise.
  std::string table;
};

using MakeConnection = std::function<std::shared_ptr<Connection>(const Runtime& runtime)>;
using MakeSource = std::function<std::unique_ptr<Source>(std::shared_ptr<Connection> connection,
                                                         const Runtime& runtime)>;
using MakeSink = std::function<std::unique_ptr<Sink>(std::shared_ptr<Connection> connection,
                                                     const Runtime& runtime)>;
using MakeTransform = std::function<std::unique_ptr<Transform>()>;

/// A connection as the configuration describes it. Copyable and inert.
struct ConnectionDefinition {
  std::string name;
  std::string type;
  MakeConnection make;
  /// Where it leads, see config::ConnectionComponent::places; never empty once parsed.
  std::vector<std::string> places = {};
  /// Changes with anything that the configuration says of it.
  std::string fingerprint = {};
};

/// One job as the configuration describes it, ready to be built. Copyable and inert.
struct JobDefinition {
  JobSettings settings;
  std::string source_connection;
  std::string sink_connection;
  /// What people read: `shop content.film_work`, `search movies`.
  std::string source_text;
  std::string sink_text;
  MakeSource make_source;
  MakeSink make_sink;
  std::vector<MakeTransform> make_transforms;
  /// The fingerprint of columns, where and transforms.
  std::string definition;
  /// Changes with anything that the configuration says of the job.
  std::string fingerprint = {};
};

}  // namespace rowferry
