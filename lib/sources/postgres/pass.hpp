#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/async.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "core/run_context.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// What a job does, decided when its table was looked up.
enum class Mode { exact, overlap, off, full };

/// The incarnation of the server as each session knows it: a session that is new since a crash
/// speaks to another incarnation, and must be asked before it reads a page.
class Incarnations {
 public:
  /// What the session's server is; asked once a session.
  Task<std::string> of(pq::Session& session);

  /// Throws Error{stale} when the session's server is another than a pass began with.
  Task<> confirm(pq::Session& session, const std::string& expected);

  /// Whether the session's standby is known to have replayed so far.
  [[nodiscard]] bool has_replayed(const pq::Session& session, const std::string& position) const;
  void note_replayed(const pq::Session& session, const std::string& position);

 private:
  std::map<std::uint64_t, std::string> by_serial_;
  std::map<std::uint64_t, std::string> replayed_;
};

/// What every step of a pass shares. Everything outlives the pass.
struct Pass {
  const SourceSettings& settings;
  connections::PostgresConnection& connection;
  Incarnations& incarnations;
  const Table& table;
  SchemaPointer schema;
  const RunContext& context;
  Mode mode = Mode::exact;
  /// Requested when the source is closed; ends statements.
  StopToken stop;
  /// Of a copy: rows that `where` does not select are handed out as removed.
  bool removes_unselected = false;
  /// Of a sweep: which rows it reads, instead of the job's own conditions, which are tests then.
  std::string condition;
  /// Where marks are taken when the rows are read on a standby: its primary. Null: one server has
  /// both.
  connections::PostgresConnection* primary = nullptr;
  /// The end of the primary's log behind the mark: a standby must have replayed it before a row is
  /// read there. Empty: where it is when rows are read.
  std::string log_end = {};

  /// What the server that marks are taken of is now: `reader`'s, or the primary.
  Task<std::string> incarnation(pq::Session& reader) const;

  /// A session of that server.
  Task<connections::Lease> borrow_for_mark() const;

  /// Before rows are read in a session: throws Error{stale} when its server is another than the
  /// pass began with. On a standby: waits until it shows what the mark's snapshot showed.
  Task<> admit(pq::Session& reader, std::string expected) const;

  /// Whether rows may be visible before they are on the server's disk. What a standby has replayed
  /// its primary has written to disk: nothing else is sent to standbys.
  [[nodiscard]] bool shows_what_may_vanish() const {
    return mode == Mode::exact && primary == nullptr;
  }

  /// Borrows a session whose statements end with the pass.
  Task<connections::Lease> borrow(connections::Priority priority) const;
};

}  // namespace rowferry::postgres
