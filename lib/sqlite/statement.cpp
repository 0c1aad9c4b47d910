#include "sqlite/statement.hpp"

#include <sqlite3.h>

#include "sqlite/database.hpp"
#include "sqlite/failure.hpp"

namespace rowferry::sqlite {

void Statement::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Statement::Statement(Database& database, sqlite3_stmt* handle)
    : database_(&database), handle_(handle) {}

void Statement::check(int code) {
  if (code != SQLITE_OK) {
    throw to_error(code, sqlite3_errmsg(sqlite3_db_handle(handle_.get())), database_->path());
  }
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(handle_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  check(sqlite3_bind_text64(handle_.get(), parameter, data, text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(handle_.get(), parameter));
  return *this;
}

Statement& Statement::bind(int parameter, const std::optional<std::int64_t>& value) {
  return value ? bind(parameter, *value) : bind_null(parameter);
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    check(code);
  }
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() { sqlite3_reset(handle_.get()); }

int Statement::columns() const { return sqlite3_column_count(handle_.get()); }

std::string_view Statement::column_name(int column) const {
  return sqlite3_column_name(handle_.get(), column);
}

StorageClass Statement::storage_class(int column) const {
  switch (sqlite3_column_type(handle_.get(), column)) {
    case SQLITE_INTEGER:
      return StorageClass::integer;
    case SQLITE_FLOAT:
      return StorageClass::real;
    case SQLITE_TEXT:
      return StorageClass::text;
    case SQLITE_BLOB:
      return StorageClass::blob;
    default:
      return StorageClass::null;
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace rowferry::sqlite
