// Rows that no poll can see, because their cursor was never moved or was set far back.
#include <thread>

#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;

class PostgresSweep : public FilmTest {
 protected:
  /// All films are stamped long ago: an update that leaves the stamp is seen by no poll.
  PostgresSweep() { sql("UPDATE film SET updated_at = '2020-01-01'"); }

  /// Another run of type sweep than all before.
  void ask_for_sweep() {
    type = RunType::sweep;
    run_started += std::chrono::seconds(1);
  }

  /// How many rows a whole sweep read.
  std::size_t sweep() {
    ask_for_sweep();
    const std::size_t rows = pass();
    type = RunType::sync;
    return rows;
  }
};

TEST_F(PostgresSweep, FindsRowsWhoseCursorWasNotMoved) {
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(sweep(), 0u);
  sql("UPDATE film SET title = 'silent' WHERE id IN (3, 50)");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(sweep(), 2u);
  expect_equal();
  EXPECT_EQ(sweep(), 0u);
}

TEST_F(PostgresSweep, FindsRowsThatWereStampedFurtherBackThanTheSlack) {
  pass();
  sql("INSERT INTO film VALUES (101, 'old', now() - interval '1 hour');"
      "UPDATE film SET title = 'back', updated_at = now() - interval '2 minutes' WHERE id = 7");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(sweep(), 2u);
  expect_equal();
}

// The row is written before the mark of a sweep and committed behind it.
TEST_F(PostgresSweep, FindsAnOldStampThatIsCommittedBehindTheSweepBefore) {
  pass();
  const auto late = session();
  sql_in(*late,
         "BEGIN; UPDATE film SET title = 'late', updated_at = now() - interval '1 hour'"
         " WHERE id = 5");
  sql("UPDATE film SET title = 'silent' WHERE id = 6");
  EXPECT_EQ(sweep(), 1u);
  sql_in(*late, "COMMIT");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(sweep(), 1u);
  expect_equal();
  EXPECT_EQ(sweep(), 0u);
}

TEST_F(PostgresSweep, SeesWhatSubtransactionsWrote) {
  pass();
  const auto late = session();
  sql_in(*late,
         "BEGIN; SAVEPOINT a; UPDATE film SET title = 'sub' WHERE id = 1; SAVEPOINT b;"
         "UPDATE film SET title = 'sub sub' WHERE id = 2; RELEASE b; RELEASE a;"
         "SAVEPOINT c; UPDATE film SET title = 'undone' WHERE id = 3; ROLLBACK TO c");
  sweep();
  sql("DO $$ BEGIN BEGIN UPDATE film SET title = 'block' WHERE id = 4;"
      " EXCEPTION WHEN others THEN NULL; END; END $$");
  sql_in(*late, "COMMIT");
  EXPECT_EQ(sweep(), 3u);
  expect_equal();
}

TEST_F(PostgresSweep, RemovesRowsThatLeftTheConditionOrWereDeletedSoftly) {
  sql("ALTER TABLE film ADD deleted_at timestamptz");
  settings.where = "title <> 'draft'";
  settings.deleted_column = "deleted_at";
  EXPECT_EQ(pass(), 100u);
  sql("UPDATE film SET title = 'draft' WHERE id = 1; UPDATE film SET deleted_at = now()"
      " WHERE id = 2; UPDATE film SET title = 'silent' WHERE id = 3");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(sweep(), 3u);
  EXPECT_EQ(replica.removals, 2u);
  EXPECT_EQ(replica.rows, rows_of(std::string(kFilms) + " WHERE id > 2"));
}

TEST_F(PostgresSweep, LeavesThePollWhereItIs) {
  pass();
  sql("UPDATE film SET title = 'polled', updated_at = clock_timestamp() WHERE id <= 30;"
      "UPDATE film SET title = 'silent' WHERE id > 90");
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  ASSERT_TRUE(where().doing && where().pages);
  const postgres::SourcePosition before = where();
  EXPECT_EQ(sweep(), 40u);
  expect_equal();
  ASSERT_TRUE(where().doing && where().pages);
  EXPECT_EQ(where().done->xmin, before.done->xmin);
  EXPECT_EQ(where().doing->xmin, before.doing->xmin);
  EXPECT_EQ(where().pages->key, before.pages->key);
  EXPECT_LE(pass(), 20u);
  EXPECT_FALSE(where().doing);
}

TEST_F(PostgresSweep, IsNotMovedByPolls) {
  pass();
  const postgres::FullXid base = where().swept->xmin;
  sql("UPDATE film SET title = 'silent' WHERE id = 1");
  sql("UPDATE film SET title = 'loud', updated_at = clock_timestamp() WHERE id = 2");
  EXPECT_EQ(pass(), 1u);
  EXPECT_EQ(where().swept->xmin, base);
  EXPECT_EQ(sweep(), 2u);
  EXPECT_EQ(sweep(), 0u);
}

TEST_F(PostgresSweep, BeginsWithTheTransactionsThatTheFirstCopyDidNotSee) {
  settings.chunk_rows = 10;
  limits.rows_max = 10;
  const auto late = session();
  sql_in(*late, "BEGIN; UPDATE film SET title = 'late', updated_at = '2020-01-01' WHERE id = 5");
  pass();
  sql_in(*late, "COMMIT");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(sweep(), 1u);
  expect_equal();
}

TEST_F(PostgresSweep, OfAPositionWithoutABaseReadsEveryRow) {
  pass();
  postgres::SourcePosition old = where();
  old.swept.reset();
  position = encode(old);
  EXPECT_EQ(sweep(), 100u);
  EXPECT_EQ(sweep(), 0u);
}

TEST_F(PostgresSweep, BeforeTheFirstCopyIsTheFirstCopy) {
  EXPECT_EQ(sweep(), 100u);
  expect_equal();
  EXPECT_TRUE(where().done && where().swept);
}

class InterruptedSweep : public PostgresSweep {
 protected:
  InterruptedSweep() {
    pass();
    sql("UPDATE film SET title = 'silent'");
    limits.rows_max = 10;
    ask_for_sweep();
    open();
    for (int batch = 0; batch < 5; ++batch) {
      EXPECT_TRUE(next());
    }
    close();
  }
};

TEST_F(InterruptedSweep, GoesOnWhereItWas) {
  restart();
  EXPECT_EQ(pass(), 50u);
  expect_equal();
}

TEST_F(InterruptedSweep, LeavesWhatHappensMeanwhileToTheNext) {
  sql("UPDATE film SET title = 'silent again' WHERE id IN (1, 100)");
  restart();
  EXPECT_EQ(pass(), 50u);
  EXPECT_EQ(sweep(), 2u);
  expect_equal();
}

TEST_F(InterruptedSweep, IsNotGoneOnWithByALaterRun) {
  sql("UPDATE film SET title = 'silent again' WHERE id = 1");
  EXPECT_EQ(sweep(), 100u);
  expect_equal();
}

TEST_F(InterruptedSweep, StaysWhereItIsWhilePollsGoOn) {
  type = RunType::sync;
  sql("UPDATE film SET title = 'loud', updated_at = clock_timestamp() WHERE id = 9");
  EXPECT_EQ(pass(), 1u);
  type = RunType::sweep;
  EXPECT_EQ(pass(), 50u);
  expect_equal();
}

TEST_F(PostgresSweep, BesideWritersAndPollsLosesNoRow) {
  pass();
  const auto write = [this](int writer) {
    TestLoop own;
    pq::ConnectSettings wanted = shared_server();
    wanted.dsn = server.dsn;
    const auto work = open_session(own, wanted);
    for (int turn = 0; turn < 150; ++turn) {
      const std::string change = fmt::format(
          "BEGIN; UPDATE s.film SET title = 'w{0} {1}' WHERE id = 1 + ({1} * 7 + {0}) % 100;"
          "SAVEPOINT a; UPDATE s.film SET title = title || ' sub', updated_at = CASE WHEN {1} % 3 ="
          " 0 THEN clock_timestamp() ELSE '2020-01-01' END WHERE id = 1 + ({1} * 7 + {0}) % 100;"
          "{2} a; COMMIT",
          writer, turn, turn % 4 == 0 ? "ROLLBACK TO" : "RELEASE");
      const pq::Statement statement{"writing", change};
      own.run(work->query_all(statement));
    }
  };
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 3; ++writer) {
    writers.emplace_back(write, 33 * writer);
  }
  limits.rows_max = 7;
  for (int turn = 0; turn < 30; ++turn) {
    pass();
    sweep();
    restart();
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  pass();
  sweep();
  expect_equal();
}

TEST_F(PostgresSweep, OfAViewReadsAllOfItPageByPage) {
  sql("CREATE VIEW seen_film AS SELECT * FROM film");
  settings.table = "s.seen_film";
  settings.key = {"id"};
  settings.where = "title <> 'draft'";
  pass();
  sql("UPDATE film SET title = 'draft' WHERE id = 1; UPDATE film SET title = 'silent'"
      " WHERE id = 2");
  EXPECT_EQ(pass(), 0u);
  limits.rows_max = 10;
  settings.chunk_rows = 30;
  restart();
  EXPECT_EQ(sweep(), 100u);
  EXPECT_EQ(replica.rows, rows_of(std::string(kFilms) + " WHERE id > 1"));
  EXPECT_EQ(sweep(), 100u);
}

TEST_F(PostgresSweep, LeavesTheRowsOfANewPartitionToThePoll) {
  sql("DROP TABLE film; CREATE TABLE film (id bigint, title text NOT NULL, updated_at timestamptz"
      " NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (id)) PARTITION BY RANGE (id);"
      "CREATE TABLE film_1 PARTITION OF film FOR VALUES FROM (1) TO (101);"
      "INSERT INTO film SELECT n, 'film ' || n, '2020-01-01' FROM generate_series(1, 100) n;"
      "CREATE TABLE film_2 (LIKE film INCLUDING DEFAULTS);"
      "ALTER TABLE film_2 ADD PRIMARY KEY (id);"
      "INSERT INTO film_2 SELECT n, 'film ' || n, '2020-01-01' FROM generate_series(101, 150) n");
  pass();
  sql("UPDATE film SET title = 'silent' WHERE id = 3");
  sql("ALTER TABLE film ATTACH PARTITION film_2 FOR VALUES FROM (101) TO (201)");
  restart();
  sweep();
  restart();
  EXPECT_GE(pass(), 50u);
  expect_equal();
}

// Ids of transactions that a crash undid are given out again: the base says nothing of rows.
TEST_F(PostgresSweep, AfterACrashReadsEveryRow) {
  const PrivateServer own;
  server.dsn = own.settings().dsn;
  server.password = own.settings().password;
  settings.table = "film";
  auto work = open_session(loop, own.settings());
  sql_in(*work,
         "CREATE TABLE film (id bigint PRIMARY KEY, title text NOT NULL, updated_at timestamptz NOT"
         " NULL DEFAULT now()); INSERT INTO film SELECT n, 'film ' || n, '2020-01-01'"
         " FROM generate_series(1, 100) n");
  pass();
  sql_in(*work, "UPDATE film SET title = 'silent' WHERE id = 1");
  EXPECT_EQ(sweep(), 1u);
  sql_in(*work, "UPDATE film SET title = 'silent' WHERE id = 2");
  limits.rows_max = 40;
  work.reset();
  close();
  own.control("restart-immediate");
  restart();
  ask_for_sweep();
  open();
  ASSERT_TRUE(next());
  EXPECT_EQ(where().sweeping->key, std::vector<std::string>{"40"});
  close();
  own.control("restart-immediate");
  restart();
  // Another incarnation than the interrupted sweep's, too.
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(replica.rows["2"], "2|silent");
  type = RunType::sync;
  pass();
  EXPECT_EQ(sweep(), 0u);
  restart();
  close();
}

}  // namespace
}  // namespace rowferry::test
