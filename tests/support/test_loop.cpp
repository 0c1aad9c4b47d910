#include "tests/support/test_loop.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace rowferry::test {
namespace {

LogSettings to_file(const std::filesystem::path& folder) {
  LogSettings settings;
  settings.file = (folder / "log").string();
  return settings;
}

}  // namespace

TestLoop::TestLoop()
    : log_(std::make_unique<Log>(to_file(folder_.path()), redactor_)),
      runtime_{context_.get_executor(), workers_, clock_, *log_} {}

TestLoop::~TestLoop() { workers_.join(); }

void TestLoop::run(Task<> task) {
  bool done = false;
  std::exception_ptr failure;
  boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr thrown) {
    failure = thrown;
    done = true;
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  context_.restart();
  while (!done) {
    if (context_.run_one_for(std::chrono::milliseconds(2)) > 0) {
      continue;
    }
    const bool moved = advances_when_idle && clock_.advance_to_next();
    const bool late = std::chrono::steady_clock::now() > deadline;
    if (!done && !moved && (late || context_.stopped())) {
      throw std::runtime_error("the task waits for something that never comes");
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

std::string TestLoop::logged() {
  log_->flush();
  std::ifstream file(folder_.path() / "log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

RunContext TestLoop::context(std::int64_t run_seq) {
  RunContext context{.job = "movies",
                     .unit = {},
                     .run_seq = run_seq,
                     .window = {},
                     .started = clock_.wall_now(),
                     .limits = {},
                     .stop = StopToken(executor()),
                     .save_receipt = {}};
  context.save_receipt = [this](const Receipt& receipt) -> Task<> {
    saved_receipt = receipt;
    co_return;
  };
  return context;
}

}  // namespace rowferry::test
