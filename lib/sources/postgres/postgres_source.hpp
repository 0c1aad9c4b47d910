#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "connections/postgres/postgres_connection.hpp"
#include "core/source.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/ctid_copy.hpp"
#include "sources/postgres/definition.hpp"
#include "sources/postgres/key_copy.hpp"
#include "sources/postgres/poll.hpp"
#include "sources/postgres/reading_plan.hpp"
#include "sources/postgres/sweep.hpp"
#include "sources/postgres/tombstones.hpp"

namespace rowferry::postgres {

/// Rows of a PostgreSQL table, view or query. A pass is a first copy and the poll after it, a poll,
/// or a full copy; see `poll.hpp` and `ctid_copy.hpp` for how each reads.
class PostgresSource final : public Source {
 public:
  PostgresSource(SourceSettings settings, std::shared_ptr<connections::PostgresConnection> server,
                 const Runtime& runtime);
  ~PostgresSource() override;

  Task<SourceOpened> open(const RunContext& context, Position position) override;
  Task<bool> next(Batch& batch) override;
  std::unique_ptr<Source> reader_of(std::vector<std::string> keys_json) override;
  void check(const Position& position) const override;
  void interrupt() override;
  Task<> close() override;
  Task<SourceExamination> examine(SourceExaminationRequest request) override;

 private:
  // What the table is, and how it is read.
  [[nodiscard]] bool must_describe() const;
  /// `shown`: behind that mark.
  Task<> describe(const Mark* shown = nullptr);
  void follow_definition();
  void follow_columns();
  void warn_of_overlap() const;
  void warn_of_promotion() const;
  void warn_of_change(const DefinitionChange& change) const;
  void note_bad_end(const std::string& text) const;

  // Beginning a pass.
  [[nodiscard]] Pass make_pass() const;
  void take_position(const Position& position);
  [[nodiscard]] bool forget_other_relation();
  Task<bool> open_full_copy();
  Task<bool> open_first_copy();
  Task<bool> can_go_on_with_copy();
  Task<> begin_first_copy();
  Task<Mark> take_mark();
  [[nodiscard]] bool must_remove_unselected() const;
  [[nodiscard]] bool replaces_other_history(const std::string& incarnation) const;
  void end_verification();
  Task<> open_poll();
  [[nodiscard]] std::vector<Leaf> new_leaves() const;
  Task<> open_copy_of_leaves(const std::vector<Leaf>& added);
  void start_copy(CopyProgress progress);
  void open_sweep();
  Task<> begin_copy_sweep_or_poll();
  Task<> begin_copy_sweep();
  void note_first_copy();
  void begin_poll();
  [[nodiscard]] bool is_old(SteadyTime taken_at) const;
  void begin_tombstones();
  [[nodiscard]] SourceOpened opened(bool starts_over) const;

  // Within a pass.
  Task<bool> next_of_copy(Batch& batch);
  Task<bool> next_of_copy_sweep(Batch& batch);
  Task<bool> next_of_sweep(Batch& batch);
  Task<bool> next_of_poll(Batch& batch);
  Task<bool> next_of_tombstones(Batch& batch);
  void note_end(const Position& final_position);
  Task<> end_pass();

  SourceSettings settings_;
  std::shared_ptr<connections::PostgresConnection> server_;
  Runtime runtime_;
  std::unique_ptr<Incarnations> incarnations_;
  std::optional<ReadingPlan> plan_;
  std::unique_ptr<TombstoneTable> tombstone_table_;
  SteadyTime described_at_{};
  bool warned_ = false;
  bool told_promotion_ = false;
  StopToken stop_;
  const RunContext* context_ = nullptr;

  SourcePosition position_;
  std::unique_ptr<CtidCopy> ctid_copy_;
  std::unique_ptr<KeyCopy> key_copy_;
  /// Behind a copy, before its poll.
  std::unique_ptr<KeyCopy> copy_sweep_;
  std::unique_ptr<Sweep> sweep_;
  std::unique_ptr<Poll> poll_;
  /// Beside a poll, and read behind it.
  std::unique_ptr<Tombstones> tombstones_;

  // The position where the last pass ended: only behind it the window and the age of the mark are
  // known.
  Position last_end_;
  SentWindow window_;
  SteadyTime mark_taken_at_{};
  SentWindow tombstone_window_;
  SteadyTime tombstone_mark_taken_at_{};
  // Nobody saves where an idle pass ended, but it is right: `refreshed_` is `refreshed_from_`,
  // newer.
  Position given_;
  Position refreshed_from_;
  std::optional<Position> refreshed_;
  bool handed_out_ = false;
  // A mark that a standby has not got to yet is kept, lest it chases ever newer ones: `awaited_` is
  // `awaited_from_` with that mark; of a first copy it is the mark alone.
  Position awaited_from_;
  std::optional<Position> awaited_;
  std::optional<Mark> awaited_mark_;
};

}  // namespace rowferry::postgres
