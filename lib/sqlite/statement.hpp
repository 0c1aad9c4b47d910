#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace rowferry::sqlite {

class Database;

/// How SQLite stores one value.
enum class StorageClass : std::uint8_t { integer, real, text, blob, null };

/// A prepared statement. Parameters count from 1, columns from 0. The database must outlive it.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* handle);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  /// The text is copied.
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_null(int parameter);
  Statement& bind(int parameter, const std::optional<std::int64_t>& value);

  /// Steps to the next row; false at the end.
  [[nodiscard]] bool step();
  /// Runs a statement that gives no rows.
  void run();
  /// Ready to run again; the parameters are kept.
  void reset();

  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view column_name(int column) const;
  [[nodiscard]] StorageClass storage_class(int column) const;
  [[nodiscard]] bool is_null(int column) const {
    return storage_class(column) == StorageClass::null;
  }
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  /// Text or blob as it is stored; valid until the next step.
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }

 private:
  void check(int code);

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace rowferry::sqlite
