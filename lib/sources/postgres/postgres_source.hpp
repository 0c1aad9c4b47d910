#pragma once

#include <memory>
#include <optional>

#include "connections/postgres/postgres_connection.hpp"
#include "core/source.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/ctid_copy.hpp"
#include "sources/postgres/key_copy.hpp"
#include "sources/postgres/poll.hpp"

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
  Task<> close() override;

 private:
  void warn_of_overlap() const;
  void check_read_order() const;
  void check_types();
  void note_bad_end(const std::string& text) const;
  Task<> describe();
  Task<Mode> choose_mode(pq::Session& session);
  [[nodiscard]] bool reads_by_ctid() const;
  [[nodiscard]] Pass make_pass(const RunContext& context) const;
  Task<> begin_first_copy(const RunContext& context);
  Task<bool> go_on_with_copy(const RunContext& context);
  void begin_full_copy(const RunContext& context);
  void begin_poll(const RunContext& context, SourcePosition position);
  Task<Mark> take_first_mark();
  void start_copy(const RunContext& context, CopyProgress progress);
  Task<bool> next_of_copy(Batch& batch);
  void note_copy_progress();
  void keep_refreshed_mark();
  [[nodiscard]] SourceOpened opened(bool starts_over) const;

  SourceSettings settings_;
  std::shared_ptr<connections::PostgresConnection> server_;
  Runtime runtime_;
  std::unique_ptr<Incarnations> incarnations_;
  std::optional<Table> table_;
  // As they were when rows were last sent, in this process.
  SchemaPointer sent_schema_;
  std::vector<TableColumn> sent_columns_;
  SchemaPointer schema_;
  Mode mode_ = Mode::exact;
  bool tid_ranges_ = true;
  bool warned_ = false;
  StopToken stop_;
  const RunContext* context_ = nullptr;

  SourcePosition position_;
  std::unique_ptr<CtidCopy> ctid_copy_;
  std::unique_ptr<KeyCopy> key_copy_;
  std::unique_ptr<Poll> poll_;
  SentWindow window_;
  // A mark that an idle pass took, and the checkpoint it is newer than.
  Position refreshed_from_;
  std::optional<SourcePosition> refreshed_;
  SteadyTime mark_taken_at_{};
  bool handed_out_ = false;
};

}  // namespace rowferry::postgres
