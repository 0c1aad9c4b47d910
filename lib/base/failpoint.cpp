#include "base/failpoint.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace rowferry {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({
    "run.opened",                   // the run has its number and is in the history
    "source.opened",                // the position was read, no statement was sent
    "source.page_read",             // a page is in memory, nothing was sent to the sink
    "source.chunk_read",            // a chunk of a first copy ended
    "sequence.reserved",            // the mark is durable, its first number is not used yet
    "sink.opened",                  // the target exists
    "deliver.before_write",         // a batch is about to be handed to the sink
    "deliver.written",              // the sink took the batch, nothing is saved
    "dead_letters.saved",           // rejects are durable, the checkpoint has not passed them
    "commit.before_flush",          // the batch is in the sink, flush was not asked for
    "commit.flushed",               // the sink is durable, the checkpoint is not saved
    "commit.saved",                 // the checkpoint is saved
    "run.before_finish",            // all batches are committed, finish was not called
    "run.finished",                 // finish was called, the run is still open in the history
    "postgres.commit.before_send",  // rows and checkpoint are in the open transaction
    "postgres.commit.reply_lost",   // committed there
    "postgres.commit.not_saved",    // acknowledged, the local store does not know
    "elasticsearch.bulk.before_send",
    "elasticsearch.bulk.reply_lost",
    "elasticsearch.bulk.not_saved",
    "file.object.intent_saved",  // the key is noted, the object does not exist
    "file.object.before_send",   // the temporary file is written, not renamed
    "file.object.reply_lost",    // renamed, the folder is not synced
    "file.object.not_saved",     // durable, the receipt is not saved
    "file.manifest.before_send",
    "file.manifest.reply_lost",
    "file.manifest.not_saved",
    "state.before_commit",  // inside the state store's transaction
});

enum class Action { kill, stop, hang, fail };

struct Armed {
  std::string name;
  Action action = Action::kill;
  long passage = 1;
  std::atomic<long> passed = 0;
};

Action parse_action(std::string_view word) {
  if (word == "stop") {
    return Action::stop;
  }
  if (word == "hang") {
    return Action::hang;
  }
  return word == "fail" ? Action::fail : Action::kill;
}

void arm_one(std::string_view item, std::vector<std::unique_ptr<Armed>>& armed) {
  const std::size_t equals = item.find('=');
  const std::string_view action = item.substr(std::min(item.size(), equals + 1));
  const std::size_t at = action.find('@');
  auto point = std::make_unique<Armed>();
  point->name = item.substr(0, equals);
  point->action = parse_action(action.substr(0, at));
  if (at != std::string_view::npos) {
    std::from_chars(action.data() + at + 1, action.data() + action.size(), point->passage);
  }
  armed.push_back(std::move(point));
}

std::vector<std::unique_ptr<Armed>> read_environment() {
  std::vector<std::unique_ptr<Armed>> armed;
  const char* text = std::getenv("ROWFERRY_FAILPOINT");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    arm_one(rest.substr(0, comma), armed);
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  return armed;
}

void act(Action action, std::string_view name) {
  switch (action) {
    case Action::kill:
      kill(getpid(), SIGKILL);
      break;
    case Action::stop:
      kill(getpid(), SIGSTOP);
      break;
    case Action::hang:
      while (true) {
        pause();
      }
    case Action::fail:
      throw Error(Failure::transient, fmt::format("failpoint {}", name)).with_reason("failpoint");
  }
}

}  // namespace

void failpoint(std::string_view name) {
  static const auto armed = read_environment();
  if (armed.empty()) [[likely]] {
    return;
  }
  for (const auto& point : armed) {
    if (point->name == name && ++point->passed == point->passage) {
      act(point->action, name);
    }
  }
}

std::span<const std::string_view> failpoint_names() { return kNames; }

}  // namespace rowferry
