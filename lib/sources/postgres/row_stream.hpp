#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/async.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "core/batch.hpp"
#include "core/run_context.hpp"
#include "sources/postgres/decoder.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {

/// The transaction that a stream opens around its COPY.
struct StreamFrame {
  /// `SET LOCAL ...;`, one or more, or nothing.
  std::string settings;
  /// What to lock, so that it is neither rewritten nor altered meanwhile: behind FROM, with alias;
  /// empty: nothing.
  std::string lock;
  /// SQL for a digest of the relation that must be `definition`; empty: not asked for.
  std::string definition_sql;
  std::string definition;
  /// The relation that must have this file (relfilenode); 0: not asked for.
  std::uint32_t leaf = 0;
  std::string file;
  /// The COPY shows only what is on the server's disk: rows of asynchronous commits are visible
  /// before, and vanish in a crash. Only on a primary.
  bool durable = false;
};

/// One `COPY (SELECT ...) TO STDOUT (FORMAT binary)` as batches. The statement's number is allotted
/// before it is sent, and the job's lock is held until its first row, or its end, has arrived.
class RowStream {
 public:
  /// The session must outlive the stream's statement.
  RowStream(pq::Session& session, Decoder& decoder, const RunContext& context);

  /// Sends the statement and waits for its first row or its end.
  Task<> start(std::string purpose, std::string select);

  /// As `start`, in a read-only transaction whose snapshot is taken first. Behind it the log's
  /// position is read and waited for, so that every row may be sent as soon as it comes. Throws
  /// Error{stale} when the relation has another file or other columns.
  Task<> start_framed(std::string purpose, std::string select, StreamFrame frame, StopToken stop);
  /// Ends the transaction of `start_framed` once the stream has ended.
  Task<> commit();

  /// Fills the batch up to the run's limits, and looks whether there is more. False when the
  /// statement has ended and the batch holds nothing.
  Task<bool> fill(Batch& batch);

  /// Whether the statement has ended.
  [[nodiscard]] bool ended() const { return ended_; }
  /// Rows handed out so far.
  [[nodiscard]] std::size_t rows() const { return rows_; }

  /// Ends the statement early. Never throws.
  Task<> abandon();

 private:
  Task<> advance();
  Task<> take_ties(Batch& batch);
  [[noreturn]] void refuse_many_ties(const Batch& batch) const;
  Task<> copy(std::string purpose, const std::string& select);
  Task<bool> open_frame(const std::string& purpose, const StreamFrame& frame, LogPatience patience,
                        const StopToken& stop);

  pq::Session& session_;
  Decoder& decoder_;
  const RunContext& context_;
  std::optional<pq::CopyReader> reader_;
  std::string_view pending_;
  bool has_pending_ = false;
  bool ended_ = false;
  std::size_t rows_ = 0;
  std::int64_t sequence_ = 0;
  SteadyTime sent_at_{};
};

}  // namespace rowferry::postgres
