#include "base/turnstile.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/async.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry {
namespace {

Task<> pass(Turnstile& turnstile, Event& go, std::string& order, char name) {
  Turnstile::Turn turn(turnstile);
  co_await go.wait();
  co_await turn.wait();
  order += name;
}

Task<> pass_two(test::TestLoop& loop, std::string& order) {
  Turnstile turnstile(loop.executor());
  Event first(loop.executor());
  Event second(loop.executor());
  TaskGroup group(loop.executor());
  group.spawn(pass(turnstile, first, order, 'a'));
  group.spawn(pass(turnstile, second, order, 'b'));
  Event pause(loop.executor());
  co_await pause.wait_for(std::chrono::milliseconds(1));
  second.notify();
  co_await pause.wait_for(std::chrono::milliseconds(1));
  order += '|';
  first.notify();
  co_await group.join();
}

TEST(Turnstile, LetsTasksPassInTheOrderOfTheirTurns) {
  test::TestLoop loop;
  std::string order;
  loop.run(pass_two(loop, order));
  EXPECT_EQ(order, "|ab");
}

TEST(Turnstile, DoesNotWaitForATurnThatWasGivenUp) {
  test::TestLoop loop;
  Turnstile turnstile(loop.executor());
  auto first = std::make_unique<Turnstile::Turn>(turnstile);
  Turnstile::Turn second(turnstile);
  first.reset();
  loop.run(second.wait());
}

}  // namespace
}  // namespace rowferry
