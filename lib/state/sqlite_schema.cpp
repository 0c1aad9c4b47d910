#include "state/sqlite_schema.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "sqlite/statement.hpp"

namespace rowferry {
namespace {

// "rwfy": tells our files from other SQLite files.
constexpr std::int64_t kApplicationId = 0x72776679;
constexpr std::int64_t kVersion = 1;

// Checkpoints take turns between two tables, so that one damaged page cannot hold both generations.
constexpr const char* kTables = R"sql(
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  run_seq INTEGER NOT NULL DEFAULT 0,
  sequence_mark INTEGER NOT NULL DEFAULT 0,
  paused INTEGER NOT NULL DEFAULT 0);
CREATE TABLE checkpoints_even (
  job TEXT NOT NULL, unit TEXT NOT NULL, generation INTEGER NOT NULL, crc INTEGER NOT NULL,
  content TEXT NOT NULL, PRIMARY KEY (job, unit)) WITHOUT ROWID;
CREATE TABLE checkpoints_odd (
  job TEXT NOT NULL, unit TEXT NOT NULL, generation INTEGER NOT NULL, crc INTEGER NOT NULL,
  content TEXT NOT NULL, PRIMARY KEY (job, unit)) WITHOUT ROWID;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job TEXT NOT NULL, run_seq INTEGER NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL,
  started_at INTEGER NOT NULL, finished_at INTEGER,
  rows_read INTEGER NOT NULL, rows_written INTEGER NOT NULL, rows_deleted INTEGER NOT NULL,
  rows_rejected INTEGER NOT NULL, bytes_read INTEGER NOT NULL, bytes_written INTEGER NOT NULL,
  retries INTEGER NOT NULL, error TEXT NOT NULL, report TEXT NOT NULL,
  window_from TEXT NOT NULL, window_to TEXT NOT NULL);
CREATE INDEX runs_of_job ON runs (job, id);
CREATE TABLE dead_letters (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  job TEXT NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
  reason TEXT NOT NULL, run INTEGER NOT NULL, time INTEGER NOT NULL, tries INTEGER NOT NULL,
  bytes INTEGER NOT NULL, UNIQUE (job, id));
CREATE INDEX dead_letters_of_job ON dead_letters (job, number);
)sql";

void make_private_file(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  make_folders(folder, 0700);
  // Dead letters hold rows: nobody else reads this file. SQLite gives its -wal the same rights.
  File file = File::open(path, O_RDWR | O_CREAT, 0600);
  file.close();
  sync_folder(folder);
}

std::int64_t pragma(sqlite::Database& database, const char* sql) {
  sqlite::Statement statement = database.prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void make_tables(sqlite::Database& database) {
  sqlite::Transaction transaction(database);
  // Another process may have made them while this one waited for the lock.
  if (pragma(database, "PRAGMA user_version") == 0) {
    database.execute(kTables);
    database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
    database.execute(fmt::format("PRAGMA user_version = {}", kVersion).c_str());
  }
  transaction.commit();
}

void check_origin(sqlite::Database& database) {
  const std::int64_t version = pragma(database, "PRAGMA user_version");
  const std::int64_t application = pragma(database, "PRAGMA application_id");
  const bool is_new = version == 0 && application == 0 &&
                      pragma(database, "SELECT count(*) FROM sqlite_schema") == 0;
  if (is_new) {
    return;
  }
  if (application != kApplicationId) {
    throw Error(Failure::config,
                fmt::format("{} is an SQLite file, but not a state of rowferry; set another "
                            "daemon.state.path",
                            database.path().string()));
  }
  if (version > kVersion) {
    throw Error(Failure::config,
                fmt::format("the state {} was written by a newer rowferry (format {}, this one "
                            "knows {}); run that version, or set another daemon.state.path",
                            database.path().string(), version, kVersion));
  }
}

void check_pages(sqlite::Database& database) {
  sqlite::Statement check = database.prepare("PRAGMA quick_check(1)");
  if (check.step() && check.bytes(0) != "ok") {
    throw damaged_file(database.path(), check.bytes(0));
  }
}

sqlite::Database open_database(const std::filesystem::path& path) {
  sqlite::Database database(path, sqlite::OpenMode::create);
  check_origin(database);
  database.execute("PRAGMA journal_mode = WAL");
  database.execute("PRAGMA synchronous = FULL");
  database.execute("PRAGMA journal_size_limit = 16777216");
  check_pages(database);
  make_tables(database);
  return database;
}

}  // namespace

sqlite::Database open_state_file(const std::filesystem::path& path) {
  make_private_file(path);
  try {
    return open_database(path);
  } catch (const Error& error) {
    if (error.reason() != "corrupt") {
      throw;
    }
    throw damaged_file(path, error.what());
  }
}

Error damaged_file(const std::filesystem::path& path, std::string_view finding) {
  return Error(Failure::internal,
               fmt::format("the state {0} is damaged ({1}). Put a backup in its place, or move it "
                           "away together with {0}-wal and {0}-shm: every job then begins with a "
                           "first copy, and dead letters and history are gone",
                           path.string(), finding))
      .with_reason("corrupt");
}

}  // namespace rowferry
