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

 private:
  std::map<std::uint64_t, std::string> by_serial_;
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

  /// Borrows a session whose statements end with the pass.
  Task<connections::Lease> borrow(connections::Priority priority) const;
};

}  // namespace rowferry::postgres
