#include "sqlite/database.hpp"

#include <sqlite3.h>

#include "base/error.hpp"
#include "sqlite/failure.hpp"
#include "sqlite/statement.hpp"

namespace rowferry::sqlite {
namespace {

// How long a statement waits for another process's lock.
constexpr int kBusyTimeoutMs = 10'000;

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read_only:
      return SQLITE_OPEN_READONLY;
    case OpenMode::read_write:
      return SQLITE_OPEN_READWRITE;
    case OpenMode::create:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Database::Database(std::filesystem::path path, OpenMode mode) : path_(std::move(path)) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &handle, open_flags(mode) | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    throw to_error(code, handle == nullptr ? "out of memory" : sqlite3_errmsg(handle), path_);
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    throw to_error(code, sqlite3_errmsg(handle_.get()), path_);
  }
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) {
    throw to_error(code, sqlite3_errmsg(handle_.get()), path_);
  }
  return {*this, statement};
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // SQLite itself rolls back after some errors.
  if (open_ && database_.in_transaction()) {
    try {
      database_.execute("ROLLBACK");
    } catch (const Error&) {
      // Nothing was committed, which is what a rollback is for; the next use reports the cause.
      open_ = false;
    }
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace rowferry::sqlite
