#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connections/postgres/postgres_connection.hpp"
#include "core/batch.hpp"
#include "core/run_context.hpp"
#include "sources/postgres/decoder.hpp"

namespace rowferry::postgres {

/// One `COPY (SELECT ...) TO STDOUT (FORMAT binary)` as batches. The statement's number is allotted
/// before it is sent, and the job's lock is held until its first row, or its end, has arrived.
class RowStream {
 public:
  /// The session must outlive the stream's statement.
  RowStream(pq::Session& session, Decoder& decoder, const RunContext& context);

  /// Sends the statement and waits for its first row or its end.
  Task<> start(std::string purpose, std::string select);

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
