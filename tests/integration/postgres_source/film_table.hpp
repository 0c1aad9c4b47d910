#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/postgres_source/source_lab.hpp"

namespace rowferry::test {

/// A table of 100 films and a source of it.
class FilmTest : public SourceTest {
 protected:
  static constexpr const char* kFilms = "SELECT id::text, concat_ws('|', id, title) FROM film";

  FilmTest() {
    settings.columns = {"id", "title"};
    sql("CREATE TABLE film (id bigint PRIMARY KEY, title text NOT NULL,"
        " updated_at timestamptz NOT NULL DEFAULT clock_timestamp());"
        "CREATE INDEX ON film (updated_at, id);"
        "INSERT INTO film SELECT n, 'film ' || n FROM generate_series(1, 100) n");
  }

  void expect_equal() { EXPECT_EQ(replica.rows, rows_of(kFilms)); }
};

}  // namespace rowferry::test
