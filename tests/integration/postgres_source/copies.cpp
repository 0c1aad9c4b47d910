// First and full copies on a real server: in the middle of other people's work, and of our own.
#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;

class PostgresCopy : public FilmTest {
 protected:
  /// Some 500 blocks, so that there are ranges to cut.
  void fill(int rows = 20'000) {
    sql(
        fmt::format("TRUNCATE film; INSERT INTO film SELECT n, repeat('x', 100) || n"
                    " FROM generate_series(1, {}) n; ANALYZE film",
                    rows));
    settings.chunk_rows = 1000;
    limits.rows_max = 300;
  }

  void read_batches(int count) {
    for (int batch = 0; batch < count; ++batch) {
      ASSERT_TRUE(next());
    }
  }
};

TEST_F(PostgresCopy, ReadsEveryRowOnceBySeveralReaders) {
  fill();
  settings.parallel = 4;
  EXPECT_EQ(pass(), 20'000u);
  expect_equal();
}

TEST_F(PostgresCopy, OfAnEmptyTableIsEmpty) {
  sql("TRUNCATE film");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(pass(), 0u);
  sql("INSERT INTO film VALUES (1, 'first')");
  EXPECT_EQ(pass(), 1u);
}

TEST_F(PostgresCopy, GoesOnBehindWhatWasHandedOut) {
  for (const auto order : {postgres::ReadOrder::ctid, postgres::ReadOrder::key}) {
    fill();
    settings.read_order = order;
    settings.parallel = order == postgres::ReadOrder::key ? 1 : 3;
    position = {};
    replica = {};
    restart();
    open();
    read_batches(40);
    restart();
    EXPECT_FALSE(open().starts_over);
    sql("UPDATE film SET title = 'moved', updated_at = clock_timestamp() WHERE id % 7 = 0");
    while (next()) {
    }
    expect_equal();
    EXPECT_LT(replica.upserts, 20'000u + 20'000u / 7 + 3000u);
  }
}

TEST_F(PostgresCopy, GoesOnAfterAPauseInOneProcess) {
  fill();
  settings.parallel = 3;
  open();
  read_batches(10);
  for (int pause = 0; pause < 3; ++pause) {
    EXPECT_FALSE(open().starts_over);
    read_batches(5);
  }
  pass();
  expect_equal();
}

// Rows lie elsewhere then, and nothing else tells.
TEST_F(PostgresCopy, StartsOverWhenTheTableIsRewritten) {
  fill();
  sql("DELETE FROM film WHERE id % 3 <> 0 AND id < 15000");
  limits.rows_max = 100;
  open();
  read_batches(5);
  sql("SET lock_timeout = '20s'");
  close();
  restart();
  open();
  ASSERT_TRUE(next());
  close();
  sql("VACUUM FULL film");
  EXPECT_TRUE(open().starts_over);
  while (next()) {
  }
  expect_equal();
}

TEST_F(PostgresCopy, NoticesARewriteBetweenTwoStatements) {
  fill();
  sql("DELETE FROM film WHERE id % 3 <> 0 AND id < 15000");
  const auto other = session();
  const auto rewrite = [&other]() -> Task<> {
    const pq::Statement statement{"rewriting", "VACUUM FULL film"};
    co_await other->execute(statement);
  };
  open();
  read_batches(1);
  TaskGroup group(loop.executor());
  group.spawn(rewrite());
  std::string reason;
  try {
    while (next()) {
    }
  } catch (const Error& error) {
    reason = error.reason();
  }
  EXPECT_EQ(reason, "rewritten");
  close();
  loop.run(group.join());
  EXPECT_TRUE(open().starts_over);
  while (next()) {
  }
  expect_equal();
}

// What was sent must not stay in the sink for ever.
TEST_F(PostgresCopy, ThatStartsOverRemovesWhatLeftMeanwhile) {
  fill(3000);
  settings.where = "title <> 'left'";
  settings.deleted_column = "gone_at";
  sql("ALTER TABLE film ADD gone_at timestamptz");
  open();
  read_batches(10);
  close();
  sql("UPDATE film SET title = 'left', updated_at = clock_timestamp() WHERE id <= 10;"
      "UPDATE film SET gone_at = now(), updated_at = clock_timestamp() WHERE id BETWEEN 11 AND 20");
  sql("VACUUM FULL film");
  EXPECT_TRUE(open().starts_over);
  while (next()) {
  }
  EXPECT_EQ(replica.rows,
            rows_of(std::string(kFilms) + " WHERE title <> 'left' AND gone_at IS NULL"));
}

// Conditions with an index, or that are joins, must not change the order in which a range is read.
TEST_F(PostgresCopy, GoesOnBehindRowsOfAnyCondition) {
  fill();
  sql("CREATE TABLE kind (film bigint PRIMARY KEY);"
      "INSERT INTO kind SELECT id FROM film WHERE id % 10 = 3 ORDER BY random();"
      "ALTER TABLE film ADD rank int; UPDATE film SET rank = 20000 - id;"
      "CREATE INDEX ON film (rank); ANALYZE kind");
  sql("VACUUM FULL ANALYZE film");
  server.dsn = with(server.dsn, "options='-c search_path=s'");
  for (const char* where :
       {"rank BETWEEN 100 AND 900", "EXISTS (SELECT FROM kind k WHERE k.film = id)",
        "id IN (SELECT film FROM kind)"}) {
    settings.where = where;
    settings.columns = {"title"};
    settings.chunk_rows = 250'000;
    limits.rows_max = 50;
    position = {};
    replica = {};
    restart();
    open();
    read_batches(4);
    restart();
    open();
    while (next()) {
    }
    EXPECT_EQ(replica.rows,
              rows_of(fmt::format("SELECT id::text, title FROM film WHERE {}", where)))
        << where;
  }
}

TEST_F(PostgresCopy, ReadsPartitionsAndGoesOnWithoutThoseThatAreGone) {
  sql("DROP TABLE film;"
      "CREATE TABLE film (id bigint, title text, updated_at timestamptz NOT NULL DEFAULT now(),"
      " PRIMARY KEY (id)) PARTITION BY RANGE (id);"
      "CREATE TABLE film_1 PARTITION OF film FOR VALUES FROM (0) TO (1000);"
      "CREATE TABLE film_2 (x int, title text, id bigint NOT NULL,"
      " updated_at timestamptz NOT NULL DEFAULT now()); ALTER TABLE film_2 DROP x;"
      "ALTER TABLE film ATTACH PARTITION film_2 FOR VALUES FROM (1000) TO (2000);"
      "CREATE TABLE film_3 PARTITION OF film FOR VALUES FROM (2000) TO (9000)"
      " PARTITION BY RANGE (id);"
      "CREATE TABLE film_3a PARTITION OF film_3 FOR VALUES FROM (2000) TO (9000);"
      "INSERT INTO film SELECT n, 'p' || n FROM generate_series(1, 2999) n");
  settings.chunk_rows = 100;
  limits.rows_max = 50;
  settings.parallel = 2;
  open();
  read_batches(3);
  restart();
  sql("DROP TABLE film_1; CREATE TABLE film_0 PARTITION OF film FOR VALUES FROM (0) TO (10);"
      "INSERT INTO film VALUES (5, 'new partition')");
  EXPECT_FALSE(open().starts_over);
  while (next()) {
  }
  std::erase_if(replica.rows, [](const auto& row) {
    const int id = std::stoi(row.first);
    return id < 1000 && id != 5;
  });
  expect_equal();
  sql("UPDATE film SET title = 'u', updated_at = clock_timestamp() WHERE id IN (5, 1500, 2500)");
  EXPECT_EQ(pass(), 3u);
}

TEST_F(PostgresCopy, ReadsChildrenOfATable) {
  sql("CREATE TABLE film_child (extra int) INHERITS (film);"
      "INSERT INTO film_child (id, title) VALUES (1001, 'child')");
  EXPECT_EQ(pass(), 101u);
  expect_equal();
}

TEST_F(PostgresCopy, ReadsPartitionsThroughTheirParentWhereTheRoleMayNothingElse) {
  sql("DROP TABLE film; CREATE TABLE film (id bigint PRIMARY KEY, title text,"
      " updated_at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (id);"
      "CREATE TABLE film_1 PARTITION OF film FOR VALUES FROM (0) TO (1000);"
      "INSERT INTO film SELECT n, 'p' || n FROM generate_series(1, 900) n;"
      "DROP ROLE IF EXISTS film_reader; CREATE ROLE film_reader LOGIN;"
      "GRANT USAGE ON SCHEMA s TO film_reader; GRANT pg_read_all_stats TO film_reader;"
      "GRANT SELECT ON film TO film_reader");
  server.dsn = with(server.dsn, "user=film_reader");
  EXPECT_EQ(open().guarantee, "exact");
  pass();
  expect_equal();
  settings.read_order = postgres::ReadOrder::ctid;
  restart();
  EXPECT_THAT(failure().what(), HasSubstr("grant SELECT on each of its partitions"));
  sql("DROP OWNED BY film_reader; DROP ROLE film_reader");
}

TEST_F(PostgresCopy, OfAllHasOneSnapshot) {
  fill();
  settings.cursor.clear();
  sql("CREATE VIEW shown AS SELECT id, title FROM film");
  for (const char* table : {"s.film", "s.shown"}) {
    settings.table = table;
    settings.key = {"id"};
    settings.parallel = table == std::string("s.film") ? 4 : 1;
    position = {};
    replica = {};
    restart();
    EXPECT_EQ(open().guarantee, "full");
    ASSERT_TRUE(next());
    const auto before = rows_of(kFilms);
    sql("UPDATE film SET title = 'later ' || id; DELETE FROM film WHERE id % 2 = 0;"
        "INSERT INTO film SELECT n, 'later' FROM generate_series(100000, 100099) n");
    while (next()) {
    }
    EXPECT_EQ(replica.rows, before) << table;
    fill();
  }
}

TEST_F(PostgresCopy, OfAllTakesMoreReadersThanThereAreRanges) {
  settings.cursor.clear();
  settings.parallel = 5;
  for (int round = 0; round < 10; ++round) {
    position = {};
    replica = {};
    if (round % 3 == 0) {
      restart();
    }
    EXPECT_EQ(pass(), 100u);
  }
}

TEST_F(PostgresCopy, OfAllByKeyGoesOn) {
  fill();
  settings.cursor.clear();
  settings.read_order = postgres::ReadOrder::key;
  open();
  read_batches(50);
  restart();
  EXPECT_FALSE(open().starts_over);
  while (next()) {
  }
  EXPECT_EQ(replica.upserts, 20'000u);
  expect_equal();
  settings.read_order = postgres::ReadOrder::automatic;
  position = {};
  restart();
  open();
  ASSERT_TRUE(next());
  restart();
  EXPECT_TRUE(open().starts_over);
}

TEST_F(PostgresCopy, WithoutAKeyIsOneStatement) {
  sql("CREATE TABLE plain AS SELECT 1 AS one FROM generate_series(1, 1000)");
  settings.table = "s.plain";
  settings.cursor.clear();
  settings.columns.clear();
  settings.read_order = postgres::ReadOrder::key;
  EXPECT_EQ(pass(), 1000u);
  settings.read_order = postgres::ReadOrder::automatic;
  settings.query = "SELECT id, title FROM s.film -- all";
  settings.table.clear();
  position = {};
  restart();
  EXPECT_EQ(pass(), 100u);
}

// A server that is slow to write its log makes rows wait, not go; with one session, too.
TEST_F(PostgresCopy, HandsOutOnlyWhatIsOnTheServersDisk) {
  for (const std::size_t sessions : {1u, 2u}) {
    for (const auto order : {postgres::ReadOrder::ctid, postgres::ReadOrder::key}) {
      server.sessions_max = sessions;
      settings.read_order = order;
      position = {};
      restart();
      sql("SET synchronous_commit = off");
      sql("UPDATE film SET title = title || '.', updated_at = clock_timestamp()");
      const std::string commit = sql("SELECT pg_current_wal_insert_lsn()");
      open();
      ASSERT_TRUE(next());
      EXPECT_EQ(sql(fmt::format("SELECT pg_current_wal_flush_lsn() >= '{}'", commit)), "t");
      sql("UPDATE film SET title = title || '.', updated_at = clock_timestamp()");
      const std::string later = sql("SELECT pg_current_wal_insert_lsn()");
      while (next()) {
      }
      EXPECT_EQ(sql(fmt::format("SELECT pg_current_wal_flush_lsn() >= '{}'", later)), "t");
      expect_equal();
    }
  }
}

TEST_F(PostgresCopy, TakesTheWidestTables) {
  std::string columns = "id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now()";
  for (int column = 3; column <= 1600; ++column) {
    columns += fmt::format(", c{} bool", column);
  }
  sql(fmt::format("CREATE TABLE wide ({}); INSERT INTO wide (id) SELECT generate_series(1, 50)",
                  columns));
  settings.table = "s.wide";
  settings.columns.clear();
  EXPECT_EQ(pass(), 50u);
  sql("UPDATE wide SET c1600 = true, updated_at = clock_timestamp() WHERE id = 3");
  EXPECT_EQ(pass(), 1u);
  EXPECT_THAT(replica.rows.at("3"), testing::EndsWith("|true"));
}

}  // namespace
}  // namespace rowferry::test
