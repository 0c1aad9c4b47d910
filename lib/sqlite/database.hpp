#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

struct sqlite3;

namespace rowferry::sqlite {

class Statement;

/// What a database is opened for.
enum class OpenMode { read_only, read_write, create };

/// One connection to a database file; one thread at a time. All calls block: never on the event
/// loop. Every error of SQLite becomes an Error that names the file: `transient` when another
/// process holds it, `config` when it cannot be opened or written, `internal` when the medium
/// failed or the file is damaged (reasons `disk_full`, `io`, `corrupt`).
class Database {
 public:
  Database(std::filesystem::path path, OpenMode mode);

  /// Runs statements without parameters or results.
  void execute(const char* sql);

  [[nodiscard]] Statement prepare(std::string_view sql);

  /// The rowid of the last insert.
  [[nodiscard]] std::int64_t last_insert_id() const;
  /// Rows that the last statement changed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A transaction that takes the write lock at once; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Durable when it returns.
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace rowferry::sqlite
