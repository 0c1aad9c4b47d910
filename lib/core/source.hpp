#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "core/batch.hpp"
#include "core/preflight.hpp"
#include "core/run_context.hpp"

namespace rowferry {

/// What a source says when it is opened.
struct SourceOpened {
  SchemaPointer schema;
  /// The position was of no use any more (another table file, another server incarnation in the
  /// middle of a copy): reading starts from the beginning of the run, rows handed out before will
  /// come again.
  bool starts_over = false;
  /// Estimated rows of this pass, for progress and ETA; not known for increments.
  std::optional<std::int64_t> rows_expected;
  /// What is promised for late commits: `exact`, `overlap`, `unverified`, `off` or `full`.
  std::string guarantee;
  /// What is promised once this pass is over; empty: the same.
  std::string guarantee_after;
  /// How far this pass looks back behind its predecessor's low mark, in seconds.
  double look_back_seconds = 0;
};

/// The reason of an Error{stale} of `open` or `next`: the server went another way than the one that
/// was read (failover, promotion, restore), so rows that were handed out may be gone there, or be
/// older again. The engine makes a full run at once.
inline constexpr std::string_view kHistoryChanged = "timeline";

/// Reads what changed. Holds no policy: it never retries and never sleeps on a failure; it throws
/// Error, and the engine closes it, waits and opens it again at the last committed position.
/// One task at a time uses a source.
class Source {
 public:
  virtual ~Source() = default;

  /// The units of this job, in the order in which they must be written. Most jobs have one, "".
  virtual Task<std::vector<std::string>> units();

  /// Begins a pass at `position` (empty: from the beginning). Opening an open source begins the
  /// next pass and keeps what is known (sessions, definitions), so that an idle poll costs one
  /// query. The context outlives the pass; its `run_seq` may still be 0.
  virtual Task<SourceOpened> open(const RunContext& context, Position position) = 0;

  /// Fills the batch (cleared by the source, with the schema, a sequence, the read time and the
  /// position after it). False: the pass is over, the batch is empty and carries the final
  /// position, which may equal the one given to `open`. Rows are never split from their position:
  /// it covers everything handed out up to and including this batch, whichever reader it came from.
  virtual Task<bool> next(Batch& batch) = 0;

  /// Reads the rows of these keys (each a JSON object of the identity's columns) as they are now,
  /// under numbers of their own. A key whose row is gone, or is not selected, comes as a removal.
  /// All positions are the one that it is opened with: a checkpoint stays where it is. It lives no
  /// longer than this source. Null where rows cannot be asked for by key.
  virtual std::unique_ptr<Source> reader_of(std::vector<std::string> keys_json);

  /// Throws Error when a position is none of this source's making.
  virtual void check(const Position& position) const;

  /// Ends the statement that `open` or `next` waits for: they throw Error soon. Called from another
  /// task of the event loop; `close` or the next `open` follows. Never throws.
  virtual void interrupt() {}

  /// Ends statements, gives sessions back. Never throws; the source may be opened again.
  virtual Task<> close() = 0;

  /// Looks whether the source can be read and what a run would do, without changing anything; for
  /// a source that is not open. What is wrong is a finding; all of it is told at once. Throws
  /// nothing but Error{cancelled} and Error{internal}. By default nothing is known.
  virtual Task<SourceExamination> examine(SourceExaminationRequest request);
};

}  // namespace rowferry
