#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "core/batch.hpp"
#include "core/checkpoint.hpp"
#include "core/preflight.hpp"
#include "core/run_context.hpp"
#include "core/source.hpp"

namespace rowferry {

class CheckpointStore;

/// What makes a repeated write harmless.
enum class SinkIdentity {
  row,  ///< a row replaces itself (a document id, a primary key)
  run,  ///< an object belongs to a run and part; the receipt says which are done
};

/// When the engine calls `flush`.
enum class CommitWhen {
  any_write,    ///< writes are durable when they return; flush whenever it suits, also while
                ///< other writes are under way
  bytes,        ///< after `commit_bytes` of batches, and at the end of a unit
  batches,      ///< after `commit_batches` batches, and at the end of a unit
  end_of_unit,  ///< only then
};

/// What the engine must know of a sink to drive it.
struct SinkTraits {
  SinkIdentity identity = SinkIdentity::row;
  CommitWhen commit_when = CommitWhen::any_write;
  std::size_t commit_bytes = 0;
  std::size_t commit_batches = 1;
  /// How many `write` calls may be under way at once. With 1, batches arrive in order of reading.
  std::size_t writes_in_flight = 1;
  /// Whether removals mean something here; if not they are counted and dropped.
  bool takes_removals = true;
};

/// What became of a batch that was handed to `write`.
struct WriteResult {
  /// Rows that were not taken; all others were.
  std::vector<RowIssue> issues;
  /// Bytes that went to the sink, as sent or stored.
  std::size_t bytes = 0;
};

/// Totals of a run, for what is written last (a manifest, a control row).
struct RunSummary {
  Counters counters;
  Checkpoint checkpoint;
};

/// What a reader of a sink shall give back.
struct ReaderRequest {
  enum class What { keys, digests, rows } what = What::rows;
  SchemaPointer schema;
};

/// The reason of an Error{stale} of `open`: the target is not the one that the receipt speaks of
/// (it was deleted, or made anew). The engine begins again with a first copy.
inline constexpr std::string_view kTargetLost = "target_lost";

/// Writes batches to the other system. Holds no policy: it never retries or sleeps on a failure.
/// A row that the server names is a RowIssue; a broken link or a refusal of the whole request is an
/// Error, after which the engine calls `close`, waits, and opens the sink again at the last
/// committed checkpoint. Writing a batch again is harmless.
class Sink {
 public:
  virtual ~Sink() = default;

  [[nodiscard]] virtual SinkTraits traits() const = 0;

  /// Connects, creates what is missing, and takes up the receipt of the last committed checkpoint.
  /// Called at the start of each pass that has rows, and again with another schema when columns
  /// changed; opening an open sink of the same run, unit and schema costs no request.
  virtual Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) = 0;

  /// Writes a batch. It stays the caller's and unchanged, and outlives the call. After
  /// Error{too_large} and Error{rejected} nothing of it was taken and the sink stays open: the
  /// engine sends halves of it, until a row stands alone.
  virtual Task<WriteResult> write(const Batch& batch) = 0;

  /// Makes all rows of the writes that returned durable, together with the checkpoint where the
  /// sink keeps it. Returns the receipt to save with it. No write is under way, unless
  /// `commit_when` is any_write: then those that have not returned are not part of it.
  virtual Task<Receipt> flush(const Checkpoint& checkpoint) = 0;

  /// Ends a successful run: manifest, alias, sequences. Repeatable after a crash: it is called
  /// again, after `open` with the last receipt, until the run is recorded as finished.
  virtual Task<> finish(const RunSummary& summary) = 0;

  /// Abandons what is not flushed and gives sessions back. Never throws.
  virtual Task<> close() = 0;

  /// The greatest run_seq that the target's own records (manifests) name for a job and table, 0
  /// when none. Asked once, before the first run of a job of which the state store knows no run:
  /// the answer goes to StateStore::raise_run_seq, so that a lost state repeats no number. May be
  /// called before `open`.
  virtual Task<std::int64_t> last_run_seq(std::string job, std::string table);

  /// Throws Error when a receipt is none of this sink's making.
  virtual void check(const Receipt& receipt) const;

  /// Where the sink itself keeps checkpoints (in the same transaction as its rows); its truth wins
  /// over the local store. Null: the local store alone. Owned by the sink.
  virtual CheckpointStore* checkpoints();

  /// Looks whether the sink can be written and what a run would make, without changing anything;
  /// for a sink that is not open. See Source::examine.
  virtual Task<SinkExamination> examine(SinkExaminationRequest request);

  /// Reads the sink back, for validate, reconcile and rebuild. Null where that is not possible.
  virtual std::unique_ptr<Source> reader(ReaderRequest request);
};

}  // namespace rowferry
