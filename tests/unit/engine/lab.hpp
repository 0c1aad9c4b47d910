#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/job_board.hpp"
#include "state/memory_store.hpp"
#include "tests/support/fake_object_sink.hpp"
#include "tests/support/fake_source.hpp"
#include "tests/support/fake_transactional_sink.hpp"
#include "tests/support/fake_versioned_sink.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

/// Called at a step of source, sink or store, named `source.open`, `sink.write`, `store.save`, ..;
/// may throw, wait, or look around.
using AtStep = std::function<Task<>(std::string_view step)>;

/// A memory store that tells its steps: before (`store.save`) and after (`store.saved`) the change.
class SteppedStore : public MemoryStore {
 public:
  SteppedStore(std::shared_ptr<MemoryState> state, const AtStep& at)
      : MemoryStore(std::move(state)), at_(at) {}

  Task<Run> start_run(Run run) override;
  Task<> update_run(Run run) override;
  Task<> save(std::string job, std::string unit, Checkpoint checkpoint) override;
  Task<> add_dead_letters(std::vector<DeadLetter> letters) override;

 private:
  const AtStep& at_;
};

/// A connection that answers as the test says.
class FakeConnection : public Connection {
 public:
  FakeConnection(std::string name, std::function<Task<>()> probe)
      : Connection(std::move(name)), probe_(std::move(probe)) {}

  Task<> probe() override;
  Task<> close() override { co_return; }

 private:
  std::function<Task<>()> probe_;
};

/// What outlives a process: the state, the source's and the sink's server.
template <class Target>
struct World {
  std::shared_ptr<MemoryState> state = std::make_shared<MemoryState>();
  std::shared_ptr<FakeScript> script = std::make_shared<FakeScript>();
  std::shared_ptr<Target> target = std::make_shared<Target>();

  /// A copy of everything as it is now, without the hooks of tests and the locks of the living.
  [[nodiscard]] World copy() const {
    World copied;
    *copied.state = *state;
    copied.state->locked = false;
    copied.state->locked_jobs.clear();
    *copied.script = *script;
    copied.script->before = nullptr;
    *copied.target = *target;
    copied.target->at = nullptr;
    copied.target->writes_now = 0;
    return copied;
  }
};

std::unique_ptr<Sink> make_fake_sink(std::shared_ptr<VersionedTarget> target);
std::unique_ptr<Sink> make_fake_sink(std::shared_ptr<TransactionalTarget> target);
std::unique_ptr<Sink> make_fake_sink(std::shared_ptr<ObjectTarget> target);

/// A job `movies` from `shop` to `search` that polls every 5 s, with short exact backoffs.
[[nodiscard]] JobDefinition movies_job();

/// One process with one job over a world, and a clock that goes on when nothing happens.
template <class Target>
class Lab {
 public:
  explicit Lab(World<Target> inhabited = {}) : world(std::move(inhabited)) {
    loop.advances_when_idle = true;
  }
  ~Lab() { stop(); }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  /// Builds the board, once; without `start` it is for `run_once`.
  JobBoard& board() {
    if (board_ == nullptr) {
      hook();
      store_ = std::make_unique<SteppedStore>(world.state, at_);
      loop.run(store_->open(access));
      board_ = std::make_unique<JobBoard>(loop.runtime(), *store_, redactor, definition());
    }
    return *board_;
  }

  void start() {
    loop.run(board().start());
    is_started_ = true;
  }

  /// Ends the process in order. False when the grace was too short.
  bool stop(std::chrono::milliseconds grace = std::chrono::hours(1)) {
    if (board_ == nullptr) {
      return true;
    }
    const bool ended = !is_started_ || loop.run(board_->stop(grace));
    is_started_ = false;
    board_.reset();
    loop.run(store_->close());
    store_.reset();
    return ended;
  }

  /// Lets time go by until the condition holds; fails the test after `most`.
  void until(const std::function<bool()>& holds,
             std::chrono::milliseconds most = std::chrono::minutes(10)) {
    const auto wait = [this]() -> Task<> {
      Event never(loop.executor());
      co_await loop.clock().wait_for(never, std::chrono::milliseconds(100));
    };
    // The condition is asked outside of the loop: it may run it itself.
    const SteadyTime end = loop.clock().steady_now() + most;
    while (!holds()) {
      if (loop.clock().steady_now() >= end) {
        throw std::runtime_error("what was waited for did not happen; the log:\n" + loop.logged());
      }
      loop.run(wait());
    }
  }
  void pass(std::chrono::milliseconds duration) {
    const SteadyTime end = loop.clock().steady_now() + duration;
    until([&]() { return loop.clock().steady_now() >= end; }, 2 * duration);
  }

  [[nodiscard]] JobView view() { return loop.run(board().job("movies")); }
  [[nodiscard]] JobState state() { return view().state; }
  RunView ask(RunType type) {
    RunRequest request;
    request.type = type;
    return loop.run(board().start_run("movies", std::move(request)));
  }
  [[nodiscard]] Run run(std::int64_t id) { return loop.run(board().run(id)).run; }
  [[nodiscard]] RunState run_state(std::int64_t id) { return run(id).state; }
  [[nodiscard]] std::size_t runs() const { return world.state->runs.size(); }
  /// Whether no run goes on or waits.
  [[nodiscard]] bool runs_over() const {
    return std::all_of(world.state->runs.begin(), world.state->runs.end(), [](const auto& known) {
      return known.second.state != RunState::running && known.second.state != RunState::queued;
    });
  }
  [[nodiscard]] bool has_checkpoint() const {
    return world.state->checkpoints.contains({"movies", ""});
  }
  [[nodiscard]] const Checkpoint& checkpoint() const {
    return world.state->checkpoints.at({"movies", ""});
  }
  [[nodiscard]] bool reached(std::string_view step) const {
    return std::find(journal.begin(), journal.end(), step) != journal.end();
  }

  World<Target> world;
  TestLoop loop;
  Redactor redactor;
  JobDefinition job = movies_job();
  StoreAccess access = StoreAccess::exclusive;
  /// What the test does at each step; every step is also in the journal.
  AtStep at_step;
  std::vector<std::string> journal;
  std::function<Task<>()> probe_source;
  std::function<Task<>()> probe_sink;

 private:
  void hook() {
    at_ = [this](std::string_view step) -> Task<> {
      journal.emplace_back(step);
      if (at_step) {
        co_await at_step(step);
      }
    };
    world.script->before = [this](std::string_view step) {
      return at_prefixed("source.", std::string(step));
    };
    world.target->at = [this](std::string_view step) {
      return at_prefixed("sink.", std::string(step));
    };
  }
  Task<> at_prefixed(std::string side, std::string step) {
    const std::string name = side + step;
    co_await at_(name);
  }

  BoardDefinition definition() {
    BoardDefinition definition;
    definition.version = "1.2.3";
    definition.revision = "abc";
    definition.connections.push_back({"shop", "fake", [this](const Runtime&) {
                                        return std::make_shared<FakeConnection>(
                                            "shop", [this]() { return probe(probe_source); });
                                      }});
    definition.connections.push_back({"search", "fake", [this](const Runtime&) {
                                        return std::make_shared<FakeConnection>(
                                            "search", [this]() { return probe(probe_sink); });
                                      }});
    JobDefinition made = job;
    made.make_source = [this](const auto&, const Runtime&) {
      return std::make_unique<FakeSource>(world.script);
    };
    made.make_sink = [this](const auto&, const Runtime&) { return make_fake_sink(world.target); };
    definition.jobs.push_back(std::move(made));
    return definition;
  }
  static Task<> probe(const std::function<Task<>()>& hooked) {
    if (hooked) {
      co_await hooked();
    }
  }

  AtStep at_;
  std::unique_ptr<SteppedStore> store_;
  std::unique_ptr<JobBoard> board_;
  bool is_started_ = false;
};

/// A link that breaks.
[[nodiscard]] Error unreachable(const std::string& text = "connection refused");

/// Throws at a step, so many times.
[[nodiscard]] AtStep fail_at(std::string step, int times, Error error);

using VersionedLab = Lab<VersionedTarget>;

/// A batch of `count` rows from `first` on, titled `<title> <id>`.
[[nodiscard]] FakeBatch films(std::int64_t first, std::int64_t count,
                              const std::string& title = "film");

}  // namespace rowferry::test
