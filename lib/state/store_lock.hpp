#pragma once

#include <cstdint>
#include <filesystem>

#include "base/file.hpp"

namespace rowferry {

/// Locks of one state store among processes, on one file beside it: byte 0 is the daemon's, byte n
/// that of job number n. They are "open file description" locks (fcntl(2), F_OFD_SETLK): the kernel
/// frees them when the process ends, however it ends, and two stores in one process exclude each
/// other as well.
class StoreLock {
 public:
  /// Opens or makes the lock file; takes no lock.
  explicit StoreLock(std::filesystem::path path);

  /// Takes the daemon's lock and writes our process id into the file. Throws Error{config}, naming
  /// `store` and the process that holds it.
  void lock_store(const std::filesystem::path& store);

  /// Takes the lock of a job; false when another holds it.
  [[nodiscard]] bool try_lock(std::int64_t job_number);
  void unlock(std::int64_t job_number);

  /// Takes a byte that others hold for moments only, waiting up to ten seconds. Blocks. Throws
  /// Error{transient} with the reason "locked", naming `store`.
  void wait_for(std::int64_t byte, const std::filesystem::path& store);

 private:
  [[nodiscard]] bool set_lock(std::int64_t byte, short kind);

  File file_;
};

}  // namespace rowferry
