#include "state/store_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <string>

#include "base/error.hpp"

namespace rowferry {
namespace {

constexpr std::chrono::seconds kWaitMax{10};

}  // namespace

StoreLock::StoreLock(std::filesystem::path path)
    : file_(File::open(std::move(path), O_RDWR | O_CREAT, 0600)) {}

void StoreLock::lock_store(const std::filesystem::path& store) {
  if (!set_lock(0, F_WRLCK)) {
    const std::string holder = read_file(file_.path());
    throw Error(Failure::config,
                fmt::format("the state {} is in use by process {}: one daemon a state file; stop "
                            "that one, or set another daemon.state.path",
                            store.string(), holder.empty() ? "(unknown)" : holder))
        .with_reason("in_use");
  }
  if (ftruncate(file_.descriptor(), 0) != 0) {
    throw file_error("write to", file_.path(), errno);
  }
  file_.write(std::to_string(getpid()));
}

bool StoreLock::try_lock(std::int64_t job_number) { return set_lock(job_number, F_WRLCK); }

void StoreLock::unlock(std::int64_t job_number) { std::ignore = set_lock(job_number, F_UNLCK); }

void StoreLock::wait_for(std::int64_t byte, const std::filesystem::path& store) {
  const auto until = std::chrono::steady_clock::now() + kWaitMax;
  while (!set_lock(byte, F_WRLCK)) {
    if (std::chrono::steady_clock::now() > until) {
      throw Error(Failure::transient, fmt::format("another process holds the state {} for more "
                                                  "than {} seconds; is it stopped?",
                                                  store.string(), kWaitMax.count()))
          .with_reason("locked");
    }
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
}

bool StoreLock::set_lock(std::int64_t byte, short kind) {
  struct flock lock {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  while (fcntl(file_.descriptor(), F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) {
      return false;
    }
    if (errno != EINTR) {
      throw file_error("lock", file_.path(), errno);
    }
  }
  return true;
}

}  // namespace rowferry
