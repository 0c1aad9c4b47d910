#include "sources/postgres/page_sql.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab.hpp"

namespace rowferry::postgres {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Mark mark_of(const std::string& low, FullXid xmin = 0, std::vector<FullXid> seen = {}) {
  Mark mark;
  mark.low = low;
  mark.xmin = xmin;
  mark.seen = std::move(seen);
  return mark;
}

class PageSql : public testing::Test {
 protected:
  std::string page(const PageProgress& progress) {
    return page_select(lab_.pass(), lab_.projection(Purpose::increment, false), "FILTER", progress,
                       100);
  }

  Lab lab_;
};

TEST_F(PageSql, BoundsTimeByTheLowMarkLessTheSlack) {
  EXPECT_EQ(time_bound(lab_.pass(), mark_of("2026-01-01 00:00:00+00", 7)),
            "t.\"updated_at\" >= "
            "('2026-01-01 00:00:00+00'::timestamptz - interval '60000 milliseconds')");
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("")), IsEmpty());
}

TEST_F(PageSql, LooksFurtherBackWhereNothingTellsTheZone) {
  lab_.table.columns[2] = make_column("updated_at", ColumnType::timestamp, "timestamp");
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("-infinity")),
              AllOf(HasSubstr("AT TIME ZONE 'UTC'"), HasSubstr("interval '26 hours'")));
  lab_.table.columns[2] = make_column("updated_at", ColumnType::date, "date");
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("-infinity")), EndsWith("::date"));
}

TEST_F(PageSql, BoundsTheClockOfAZone) {
  lab_.table.columns[2] = make_column("updated_at", ColumnType::timestamp, "timestamp");
  lab_.settings.cursor_timezone = "America/New_York";
  EXPECT_EQ(time_bound(lab_.pass(), mark_of("2026-01-01 00:00:00+00", 7)),
            "t.\"updated_at\" >= ((('2026-01-01 00:00:00+00'::timestamptz - interval '60000 "
            "milliseconds') AT TIME ZONE 'America/New_York') - interval '2 hours')");
  lab_.mode = Mode::overlap;
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("2026-01-01")),
              AllOf(HasSubstr("'America/New_York') - interval '2 hours'"),
                    HasSubstr("interval '0 milliseconds'")));
  // The greatest cursor seen is a local time already.
  lab_.mode = Mode::off;
  EXPECT_EQ(time_bound(lab_.pass(), mark_of("2026-01-01")),
            "t.\"updated_at\" > '2026-01-01'::timestamp");
}

TEST_F(PageSql, LooksBackByTheOverlapOnlyOnce) {
  lab_.mode = Mode::overlap;
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("2026-01-01")),
              HasSubstr("interval '0 milliseconds'"));
  // The base of an exact poll is not that old.
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("2026-01-01", 7)),
              HasSubstr("interval '600000 milliseconds'"));
  lab_.settings.overlap = 1s;
  EXPECT_THAT(time_bound(lab_.pass(), mark_of("2026-01-01", 7)),
              HasSubstr("interval '60000 milliseconds'"));
}

TEST_F(PageSql, WithoutLateCommitsGoesOnBehindTheGreatestCursor) {
  lab_.mode = Mode::off;
  EXPECT_EQ(time_bound(lab_.pass(), mark_of("2026-01-01")),
            "t.\"updated_at\" > '2026-01-01'::timestamp with time zone");
}

TEST_F(PageSql, TakesRowsWithoutACursorIntoTheBound) {
  EXPECT_EQ(bound_with_nulls(lab_.pass(), "BOUND"), "(BOUND OR t.\"updated_at\" IS NULL)");
  EXPECT_THAT(bound_with_nulls(lab_.pass(), ""), IsEmpty());
  lab_.table.columns[2].nullable = false;
  EXPECT_EQ(bound_with_nulls(lab_.pass(), "BOUND"), "BOUND");
}

TEST_F(PageSql, FiltersTransactionsByTheirLower32Bits) {
  constexpr FullXid kEpoch = FullXid{1} << 32;
  EXPECT_EQ(transaction_filter(mark_of("", kEpoch + 5, {kEpoch + 5, kEpoch + 9}), false),
            "(age(t.xmin) <= age('5'::xid) AND "
            "t.xmin NOT IN (SELECT unnest('{5,9}'::xid[])))");
  EXPECT_EQ(transaction_filter(mark_of("", kEpoch - 1), false),
            "(age(t.xmin) <= age('4294967295'::xid))");
  EXPECT_THAT(transaction_filter(mark_of("", 7), true), IsEmpty());
  EXPECT_THAT(transaction_filter(mark_of("", 0), false), IsEmpty());
}

TEST_F(PageSql, BeginsAPassWithoutAKeyset) {
  EXPECT_EQ(page(PageProgress{}),
            "SELECT CAST(t.\"id\" AS bigint), CAST(t.\"title\" AS text), "
            "CAST(t.\"updated_at\" AS timestamp with time zone) "
            "FROM \"content\".\"film_work\" AS t WHERE FILTER "
            "ORDER BY t.\"updated_at\", t.\"id\" LIMIT 100");
}

TEST_F(PageSql, GoesOnBehindTheLastRow) {
  PageProgress progress;
  progress.cursor = "2026-01-01 00:00:00+00";
  progress.key = {"7"};
  EXPECT_THAT(page(progress),
              HasSubstr("WHERE FILTER AND (t.\"updated_at\", t.\"id\") > "
                        "('2026-01-01 00:00:00+00'::timestamp with time zone, '7'::bigint) ORDER"));
}

TEST_F(PageSql, ReadsRowsWithoutACursorInKeyOrder) {
  PageProgress progress;
  progress.nulls = true;
  EXPECT_THAT(page(progress), EndsWith("WHERE t.\"updated_at\" IS NULL AND FILTER "
                                       "ORDER BY t.\"id\" LIMIT 100"));
  progress.key = {"7"};
  EXPECT_THAT(page(progress), HasSubstr("FILTER AND (t.\"id\") > ('7'::bigint) ORDER"));
}

TEST_F(PageSql, QuotesNamesAndValues) {
  lab_.table.columns.push_back(make_column("odd \"name\"", ColumnType::text, "text"));
  lab_.table.key = {"odd \"name\"", "id"};
  PageProgress progress;
  progress.nulls = true;
  progress.key = {"it's \\ here'; --", "7"};
  EXPECT_THAT(page(progress), HasSubstr("(t.\"odd \"\"name\"\"\", t.\"id\") > "
                                        "( E'it''s \\\\ here''; --'::text, '7'::bigint)"));
}

// Changes are tested row by row: one that left must become a delete.
TEST_F(PageSql, SelectsWhereAsAColumnOfChanges) {
  lab_.settings.where = "type = 'movie' -- all";
  lab_.settings.deleted_column = "title";
  EXPECT_THAT(page(PageProgress{}),
              AllOf(StartsWith("SELECT ((t.\"title\" IS NOT NULL) OR "
                               "((type = 'movie' -- all\n) IS NOT TRUE)), CAST(t.\"id\""),
                    HasSubstr("WHERE FILTER ORDER")));
}

TEST_F(PageSql, SelectsTheCursorWhereItIsNotSent) {
  lab_.settings.columns = {"title"};
  EXPECT_THAT(page(PageProgress{}),
              StartsWith("SELECT CAST(t.\"title\" AS text), CAST(t.\"id\" AS bigint), "
                         "CAST(t.\"updated_at\" AS timestamp with time zone) FROM"));
}

TEST_F(PageSql, MakesTextOfOtherTypes) {
  lab_.table.columns[1] = make_column("title", ColumnType::text, "public.mood");
  lab_.table.columns[1].as_text = true;
  EXPECT_THAT(page(PageProgress{}), HasSubstr("t.\"title\"::text, "));
}

TEST_F(PageSql, AsksForOneRowWithAndWithoutACursor) {
  EXPECT_EQ(any_row_select(lab_.pass(), mark_of("2026-01-01", 7), "BOUND", "FILTER"),
            "statement_timestamp() < '2026-01-01'::timestamptz OR "
            "EXISTS (SELECT FROM \"content\".\"film_work\" AS t WHERE BOUND AND FILTER) OR "
            "EXISTS (SELECT FROM \"content\".\"film_work\" AS t "
            "WHERE t.\"updated_at\" IS NULL AND FILTER)");
  lab_.table.columns[2].nullable = false;
  lab_.mode = Mode::overlap;
  EXPECT_EQ(any_row_select(lab_.pass(), mark_of("2026-01-01"), "BOUND", ""),
            "EXISTS (SELECT FROM \"content\".\"film_work\" AS t WHERE BOUND)");
}

TEST_F(PageSql, CopiesOnlyRowsThatAreThere) {
  lab_.settings.where = "year > 1900";
  lab_.settings.deleted_column = "title";
  const std::string sql =
      key_page_select(lab_.pass(), lab_.projection(Purpose::copy, false), {"7"}, 100);
  EXPECT_THAT(sql, EndsWith("WHERE (year > 1900\n) AND NOT (t.\"title\" IS NOT NULL) AND "
                            "(t.\"id\") > ('7'::bigint) ORDER BY t.\"id\" LIMIT 100"));
  // A full run of a job that runs already must take rows away, too.
  lab_.context.type = RunType::full;
  EXPECT_THAT(whole_select(lab_.pass(), lab_.projection(Purpose::copy, false)),
              AllOf(StartsWith("SELECT (t.\"title\" IS NOT NULL), "), Not(HasSubstr("NOT (t.")),
                    EndsWith("WHERE (year > 1900\n)")));
}

TEST_F(PageSql, ReadsARangeByItself) {
  Leaf leaf;
  leaf.name = "\"content\".\"film_work\"";
  const OpenRange range{16384, {3, 7}, 10};
  const Projection projection = lab_.projection(Purpose::copy, true);
  EXPECT_EQ(range_select(lab_.pass(), projection, leaf, range),
            "SELECT " + projection.select +
                " FROM ONLY \"content\".\"film_work\" AS t "
                "WHERE t.ctid > '(3,7)'::tid AND t.ctid < '(10,0)'::tid");
}

// Behind the fence no condition of the job can bring rows into another order.
TEST_F(PageSql, TestsTheJobsConditionsBehindAFence) {
  lab_.settings.where = "EXISTS (SELECT)";
  lab_.settings.columns = {"title"};
  Leaf leaf;
  leaf.name = "leaf";
  const Projection projection = lab_.projection(Purpose::copy, true);
  EXPECT_EQ(range_select(lab_.pass(), projection, leaf, OpenRange{1, {0, 0}, 2}),
            "SELECT " + projection.select +
                " FROM (SELECT t.ctid, t.\"title\", t.\"id\", t.\"updated_at\", "
                "((EXISTS (SELECT)\n)) AS \"rowferry: kept\" FROM ONLY leaf AS t "
                "WHERE t.ctid > '(0,0)'::tid AND t.ctid < '(2,0)'::tid OFFSET 0) AS t "
                "WHERE t.\"rowferry: kept\"");
}

TEST(AllOfConditions, AreTrueWithoutAny) {
  EXPECT_EQ(all_of({}), "true");
  EXPECT_EQ(all_of({"", "a", "", "b"}), "a AND b");
}

}  // namespace
}  // namespace rowferry::postgres
