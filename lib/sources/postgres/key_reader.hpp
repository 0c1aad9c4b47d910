#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connections/postgres/postgres_connection.hpp"
#include "core/source.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/reading_plan.hpp"
#include "sources/postgres/row_stream.hpp"

namespace rowferry::postgres {

/// The rows of given keys as they are now (see Source::reader_of): a thousand keys a statement,
/// each with a snapshot and a number of its own.
class KeyReader final : public Source {
 public:
  /// `settings` outlives the reader.
  KeyReader(const SourceSettings& settings, std::shared_ptr<connections::PostgresConnection> server,
            const Runtime& runtime, std::vector<std::string> keys_json);
  /// Where the table was looked up already: before `open`.
  void use(ReadingPlan plan) { plan_ = std::move(plan); }
  ~KeyReader() override;

  Task<SourceOpened> open(const RunContext& context, Position position) override;
  Task<bool> next(Batch& batch) override;
  void interrupt() override { stop_.request_stop(); }
  Task<> close() override;

 private:
  Task<> wait_for_standby();
  Task<> start_statement();
  [[nodiscard]] std::string next_keys() const;

  const SourceSettings& settings_;
  std::shared_ptr<connections::PostgresConnection> server_;
  Runtime runtime_;
  std::vector<std::string> keys_;
  std::size_t asked_ = 0;  ///< keys that statements have asked for
  std::optional<ReadingPlan> plan_;
  Position position_;
  const RunContext* context_ = nullptr;
  StopToken stop_;
  connections::Lease lease_;
  std::optional<Decoder> decoder_;
  std::optional<RowStream> stream_;
};

}  // namespace rowferry::postgres
