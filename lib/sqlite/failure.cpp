#include "sqlite/failure.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string>

namespace rowferry::sqlite {
namespace {

struct Meaning {
  Failure failure;
  std::string_view reason;
  std::string_view advice;
};

Meaning meaning_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Failure::transient, "locked", "; another process holds it"};
    case SQLITE_FULL:
      return {Failure::internal, "disk_full", "; free some space"};
    case SQLITE_IOERR:
      return {Failure::internal, "io", "; look after the disk"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Failure::internal, "corrupt", "; put a backup in its place, or move it away"};
    case SQLITE_CANTOPEN:
      return {Failure::config, "cannot_open", "; do its folder and our rights to it exist?"};
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return {Failure::config, "refused", "; give this user the right to write it"};
    default:
      return {Failure::internal, "sqlite", ""};
  }
}

}  // namespace

Error to_error(int code, std::string_view message, const std::filesystem::path& path) {
  const Meaning meaning = meaning_of(code);
  return Error(meaning.failure, fmt::format("cannot use {}: {} (SQLite {}){}", path.string(),
                                            message, code, meaning.advice))
      .with_reason(std::string(meaning.reason));
}

}  // namespace rowferry::sqlite
