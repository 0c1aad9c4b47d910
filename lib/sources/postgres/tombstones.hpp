#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/batch.hpp"
#include "pq/session.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/key_reader.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/poll.hpp"
#include "sources/postgres/reading_plan.hpp"
#include "sources/postgres/sent_window.hpp"

namespace rowferry::postgres {

/// The table in which the application keeps the keys of rows that it deleted, as a poll reads it.
struct TombstoneTable {
  SourceSettings settings;
  ReadingPlan plan;
  /// Changes when marks of before say nothing of its rows: another table, key or stamp.
  std::string identity;
};

/// The settings under which the tombstones of a job are polled; `key`: the columns that identify a
/// row of the source.
[[nodiscard]] SourceSettings tombstone_settings(const SourceSettings& source,
                                                const std::vector<std::string>& key);

/// Looks it up. Throws Error{config} when its columns are not there, or cannot be keys of `source`.
Task<std::unique_ptr<TombstoneTable>> look_up_tombstones(pq::Session& session,
                                                         const SourceSettings& settings,
                                                         const Table& source,
                                                         connections::PostgresConnection& server);

/// A poll of the tombstones, with marks of its own: of each key that it finds the row is read again
/// in the source. One that is gone comes as a removal under the number of that statement, one that
/// was inserted again as what it is. So nothing depends on the order in which tombstones are read.
class Tombstones {
 public:
  /// Makes the reader of the source's rows of keys.
  using AskForRows = std::function<std::unique_ptr<Source>(std::vector<std::string> keys_json)>;

  /// `pass` is over the tombstones, `source_key` names the columns of the source's key. References
  /// outlive it.
  Tombstones(Pass pass, std::vector<std::string> source_key, TombstoneProgress progress,
             SentWindow& window, AskForRows ask_for_rows);

  /// The poll: to be asked for in the statement of another one.
  [[nodiscard]] Poll& poll() { return poll_; }

  /// See Source::next; rows of the source. The position is left to the caller.
  Task<bool> next(Batch& batch);

  /// How far it is behind the rows handed out.
  [[nodiscard]] const TombstoneProgress& progress() const { return progress_; }

  /// Ends the statement that `next` waits for.
  void interrupt();
  /// Ends the statement in flight. Never throws.
  Task<> close();

 private:
  [[nodiscard]] std::vector<std::string> keys_of(const Batch& found) const;
  Task<> ask(std::vector<std::string> keys);
  void note_polled();

  const RunContext& context_;
  std::vector<std::string> source_key_;
  TombstoneProgress progress_;
  Poll poll_;
  AskForRows ask_for_rows_;
  Batch found_;
  std::unique_ptr<Source> rows_;
};

}  // namespace rowferry::postgres
