// What operators repair: checkpoints and dead letters.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/error.hpp"
#include "engine/checkpoint_json.hpp"
#include "engine/job.hpp"

namespace rowferry {

Task<std::string> Job::checkpoint() {
  co_await refresh();
  co_return runner_.ledgers().to_json();
}

// Nobody reads or moves the checkpoint afterwards, until the job is resumed.
Task<> Job::need_rest() {
  if (!is_paused_) {
    throw RefusedError(Refusal::conflict,
                       fmt::format("job {} is not paused; pause it first", name()));
  }
  if (is_executing_) {
    throw RefusedError(Refusal::conflict,
                       fmt::format("job {} still ends its batch; ask again soon", name()));
  }
  const bool is_ours = co_await runner_.take_lock();
  if (!is_ours) {
    throw RefusedError(Refusal::conflict, fmt::format("another process runs job {}", name()));
  }
}

Task<std::string> Job::set_checkpoint(std::string json) {
  const AsyncMutex::Lock lock = co_await requests_.lock();
  Checkpoints wanted = parse_checkpoints(json);
  co_await need_rest();
  co_await runner_.set_checkpoints(std::move(wanted));
  parts_.runtime.log.warn("an operator set the checkpoint", {{"job", name()}});
  changed_.notify();
  co_return runner_.ledgers().to_json();
}

Task<> Job::erase_checkpoint() {
  const AsyncMutex::Lock lock = co_await requests_.lock();
  co_await need_rest();
  co_await runner_.set_checkpoints({});
  parts_.runtime.log.warn(
      "an operator erased the checkpoint: the next run begins with a first copy",
      {{"job", name()}});
  changed_.notify();
}

Task<std::size_t> Job::drop_dead_letters(std::string reason) {
  DeadLetterQuery query;
  query.job = name();
  query.limit = std::numeric_limits<std::int32_t>::max();
  if (!reason.empty()) {
    query.reason = std::move(reason);
  }
  const std::vector<DeadLetter> letters = co_await parts_.store.dead_letters(std::move(query));
  std::vector<std::string> ids;
  for (const DeadLetter& letter : letters) {
    ids.push_back(letter.id);
  }
  const std::size_t dropped = ids.size();
  if (dropped > 0) {
    co_await parts_.store.erase_dead_letters(name(), std::move(ids));
    co_await runner_.reload_dead_letters();
    parts_.runtime.log.warn("an operator dropped dead letters",
                            {{"job", name()}, {"rows", dropped}});
  }
  co_return dropped;
}

}  // namespace rowferry
