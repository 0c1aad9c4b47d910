// Reading a COPY from the shared server: rows, ends, errors, and what is left of the session.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pq/session.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using namespace std::chrono_literals;
using pq::CopyReader;
using pq::CopyStep;
using pq::Session;
using pq::Statement;
using testing::ElementsAre;

Statement copy_of(const std::string& query, const std::string& format = "binary") {
  return Statement{"copying", "COPY (" + query + ") TO STDOUT (FORMAT " + format + ")"};
}

struct Totals {
  std::int64_t rows = 0;
  std::size_t bytes = 0;
  std::int64_t sum = 0;
};

/// The last four bytes of a row as a number.
std::int64_t last_integer(std::string_view row) {
  std::uint32_t value = 0;
  for (const char byte : row.substr(row.size() - 4)) {
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

Task<Totals> read_to_end(Session& session, const Statement& statement) {
  CopyReader reader = co_await session.copy_out(statement);
  Totals totals;
  std::string_view row;
  CopyStep step = reader.next(row);
  for (; step != CopyStep::end; step = reader.next(row)) {
    if (step == CopyStep::wait) {
      co_await reader.wait();
      continue;
    }
    ++totals.rows;
    totals.bytes += row.size();
    totals.sum += last_integer(row);
  }
  co_return totals;
}

Task<std::vector<std::string>> read_rows(Session& session, const Statement& statement) {
  CopyReader reader = co_await session.copy_out(statement);
  std::vector<std::string> rows;
  std::string_view row;
  for (CopyStep step = reader.next(row); step != CopyStep::end; step = reader.next(row)) {
    if (step == CopyStep::wait) {
      co_await reader.wait();
    } else {
      rows.emplace_back(row);
    }
  }
  co_return rows;
}

/// Reads the first row and leaves the reader to its fate.
Task<> read_one_row(CopyReader& reader) {
  std::string_view row;
  while (reader.next(row) == CopyStep::wait) {
    co_await reader.wait();
  }
}

class PqCopy : public testing::Test {
 protected:
  std::optional<Error> read_fails(const Statement& statement) {
    return loop_.run(failure_of(read_to_end(*session_, statement)));
  }

  TestLoop loop_;
  std::unique_ptr<Session> session_ = open_session(loop_, shared_server());
};

TEST_F(PqCopy, FailsBeforeTheFirstRow) {
  const auto failure = read_fails(copy_of("SELECT * FROM nowhere"));
  EXPECT_EQ(failure->reason(), "42P01");
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, FailsInTheMiddle) {
  const auto failure =
      read_fails(copy_of("SELECT 1 / (50000 - i) FROM generate_series(1, 99999) i"));
  EXPECT_EQ(failure->reason(), "22012");
  EXPECT_EQ(failure->failure(), Failure::rejected);
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, NeverTakesAFailedStreamForAFinishedOne) {
  const Statement statement = copy_of("SELECT 1 / (3 - i) FROM generate_series(1, 9) i");
  const auto body = [&]() -> Task<> {
    CopyReader reader = co_await session_->copy_out(statement);
    std::string_view row;
    std::optional<Error> failure;
    while (!failure) {
      if (reader.next(row) == CopyStep::wait) {
        failure = co_await failure_of(reader.wait());
      }
    }
    EXPECT_EQ(failure->reason(), "22012");
    EXPECT_EQ(reader.next(row), CopyStep::wait);
    failure = co_await failure_of(reader.wait());
    EXPECT_TRUE(failure.has_value());
  };
  loop_.run(body());
}

TEST_F(PqCopy, IsNoQuery) {
  const auto failure = read_fails(Statement{"copying", "SELECT 1"});
  EXPECT_EQ(failure->failure(), Failure::internal);
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, RunsIntoTheStatementTimeout) {
  const Statement lower{"setting up", "SET statement_timeout = '200ms'"};
  loop_.run(session_->execute(lower));
  const auto failure = read_fails(copy_of("SELECT 1, pg_sleep(i) FROM generate_series(0, 20) i"));
  EXPECT_EQ(failure->failure(), Failure::too_large);
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, IsEndedWhenNothingComesForTooLong) {
  Statement silent = copy_of("SELECT i, pg_sleep(i * 10) FROM generate_series(0, 1) i");
  silent.timeout = 300ms;
  EXPECT_EQ(read_fails(silent)->reason(), "timeout");
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, IsEndedByAStop) {
  StopToken stop(loop_.executor());
  session_->stop_with(stop);
  boost::asio::post(loop_.executor(), [&] { stop.request_stop(); });
  const auto failure = read_fails(copy_of("SELECT generate_series(1, 100000000)"));
  EXPECT_EQ(failure->failure(), Failure::cancelled);
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, LosesItsServerInTheMiddle) {
  const auto failure = read_fails(
      copy_of("SELECT i, pg_terminate_backend(pg_backend_pid()) FROM generate_series(1, 2) i"));
  EXPECT_EQ(failure->reason(), "57P01");
  EXPECT_FALSE(session_->usable());
}

TEST_F(PqCopy, GivesTheFieldsOfARowInBinaryForm) {
  const Statement statement = copy_of("SELECT 258, NULL::int, 'ab'::text");
  const std::string expected("\0\3\0\0\0\4\0\0\1\2\377\377\377\377\0\0\0\2ab", 20);
  EXPECT_THAT(loop_.run(read_rows(*session_, statement)), ElementsAre(expected));
}

TEST_F(PqCopy, GivesLinesInTextForm) {
  const Statement statement = copy_of("VALUES (1, 'a'), (2, NULL)", "text");
  EXPECT_THAT(loop_.run(read_rows(*session_, statement)), ElementsAre("1\ta\n", "2\t\\N\n"));
}

TEST_F(PqCopy, GivesNoRowsOfAnEmptyTable) {
  EXPECT_EQ(loop_.run(read_to_end(*session_, copy_of("SELECT 1 WHERE false"))).rows, 0);
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, GivesRowsWithoutColumns) {
  const Statement statement = copy_of("SELECT FROM generate_series(1, 3)");
  EXPECT_EQ(loop_.run(read_rows(*session_, statement)).size(), 3u);
}

TEST_F(PqCopy, LosesNoRowOfALongStream) {
  const Statement statement =
      copy_of("SELECT repeat('x', i % 700), i FROM generate_series(1, 300000) i");
  const Totals totals = loop_.run(read_to_end(*session_, statement));
  EXPECT_EQ(totals.rows, 300'000);
  EXPECT_EQ(totals.sum, 300'000LL * 300'001 / 2);
  EXPECT_TRUE(session_->reusable());
}

TEST_F(PqCopy, LetsOtherTasksRunMeanwhile) {
  const Statement statement = copy_of("SELECT i FROM generate_series(1, 1000000) i");
  int ticks = 0;
  bool over = false;
  TaskGroup others(loop_.executor());
  const auto ticking = [&]() -> Task<> {
    Event never(loop_.executor());
    while (!over) {
      co_await never.wait_for(1ms);
      ++ticks;
    }
  };
  const auto body = [&]() -> Task<> {
    others.spawn(ticking());
    co_await read_to_end(*session_, statement);
    over = true;
    co_await others.join();
  };
  loop_.run(body());
  EXPECT_GT(ticks, 20);
}

TEST_F(PqCopy, TakesAHugeRowAndGivesItsMemoryBack) {
  const Statement statement = copy_of("SELECT repeat('x', 64 << 20), 7");
  const Totals totals = loop_.run(read_to_end(*session_, statement));
  EXPECT_EQ(totals.bytes, (64u << 20) + 14);
  EXPECT_EQ(totals.sum, 7);
  EXPECT_TRUE(session_->usable());
  EXPECT_FALSE(session_->reusable());
}

TEST_F(PqCopy, CanBeAbandoned) {
  const Statement statement = copy_of("SELECT generate_series(1, 100000000)");
  const auto body = [&]() -> Task<> {
    CopyReader reader = co_await session_->copy_out(statement);
    co_await read_one_row(reader);
    EXPECT_FALSE(session_->reusable());
    co_await reader.abandon();
    co_await reader.abandon();
  };
  loop_.run(body());
  EXPECT_TRUE(session_->reusable());
  EXPECT_EQ(loop_.run(read_to_end(*session_, copy_of("SELECT 1"))).rows, 1);
}

TEST_F(PqCopy, SpoilsItsSessionWhenItIsJustDropped) {
  const Statement statement = copy_of("SELECT generate_series(1, 100000000)");
  const auto body = [&]() -> Task<> {
    CopyReader reader = co_await session_->copy_out(statement);
    co_await read_one_row(reader);
  };
  loop_.run(body());
  EXPECT_FALSE(session_->usable());
}

}  // namespace
}  // namespace rowferry::test
