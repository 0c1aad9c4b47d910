#include "sources/postgres/planned_reading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab.hpp"

namespace rowferry::postgres {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class PlannedReadingTest : public testing::Test {
 protected:
  PlannedReadingTest() {
    lab_.table.leaves = {Leaf{7, "\"content\".\"film_work\"", "1", 1000, 10}};
    plan_.mode = Mode::exact;
    plan_.by_ctid = true;
    base_.low = "2026-01-01 00:00:00+00";
    base_.xmin = 77;
  }

  std::vector<ReadingStatement> statements() {
    const Pass pass = prepared();
    return reading_statements({pass, plan_, base_});
  }
  std::vector<std::string> ways() {
    const Pass pass = prepared();
    return reading_ways({pass, plan_, base_});
  }
  std::vector<PlannedBuffer> buffers() {
    const Pass pass = prepared();
    return reading_buffers({pass, plan_, base_});
  }

  Pass prepared() {
    plan_.table = lab_.table;
    lab_.mode = plan_.mode;
    Pass pass = lab_.pass();
    plan_.schema = pass.schema;
    return pass;
  }

  Lab lab_;
  ReadingPlan plan_;
  Mark base_;
};

TEST_F(PlannedReadingTest, AJobWithACursorCopiesThenPolls) {
  const auto planned = statements();
  ASSERT_THAT(planned, SizeIs(3));
  EXPECT_EQ(planned[0].title, "copy chunk");
  EXPECT_THAT(planned[0].sql, AllOf(StartsWith("COPY (SELECT t.ctid, "), HasSubstr("t.ctid > "),
                                    EndsWith("TO STDOUT (FORMAT binary)")));
  EXPECT_THAT(planned[0].settings, HasSubstr("enable_seqscan = off"));
  EXPECT_EQ(planned[1].title, "idle poll");
  EXPECT_THAT(planned[1].sql, AllOf(HasSubstr("EXISTS"), HasSubstr("pg_inherits")));
  EXPECT_THAT(planned[1].reading, Not(HasSubstr("pg_inherits"))) << "only noise in an EXPLAIN";
  EXPECT_EQ(planned[2].title, "page");
  EXPECT_THAT(planned[2].sql, AllOf(HasSubstr("age(t.xmin) <= age('77'::xid)"),
                                    HasSubstr("ORDER BY t.\"updated_at\", t.\"id\" LIMIT 5000")));
}

TEST_F(PlannedReadingTest, AFullJobOnlyCopies) {
  lab_.settings.cursor.clear();
  plan_.mode = Mode::full;
  EXPECT_THAT(statements(), SizeIs(1));
  EXPECT_THAT(ways(), Contains(HasSubstr("starts over")));
  plan_.by_ctid = false;
  EXPECT_EQ(statements().front().title, "full copy");
  plan_.pages_full_copy = true;
  EXPECT_THAT(statements().front().sql, HasSubstr("ORDER BY t.\"id\" LIMIT 50000"));
  EXPECT_THAT(ways(), Contains(HasSubstr("no common instant")));
}

TEST_F(PlannedReadingTest, AnEmptyTableHasNothingToCopyByCtid) {
  lab_.table.leaves.clear();
  EXPECT_THAT(statements(), SizeIs(2));
}

TEST_F(PlannedReadingTest, ExplainsEachMode) {
  EXPECT_THAT(ways(), Contains(HasSubstr("late commits exactly")));
  plan_.mode = Mode::overlap;
  EXPECT_THAT(ways(), Contains(HasSubstr("look back 10m")));
  plan_.mode = Mode::off;
  EXPECT_THAT(ways(), Contains(HasSubstr("late commits are lost")));
}

TEST_F(PlannedReadingTest, ColumnsHaveTheirRoles) {
  lab_.settings.columns = {"title"};
  lab_.table.columns[1].as_text = true;
  prepared();
  const auto columns = planned_columns(plan_, lab_.settings);
  ASSERT_THAT(columns, SizeIs(3));
  EXPECT_EQ(columns[0].name, "title");
  EXPECT_TRUE(columns[0].as_text);
  EXPECT_EQ(columns[1].role, "key");
  EXPECT_EQ(columns[2].name, "updated_at");
  EXPECT_EQ(columns[2].role, "cursor");
  EXPECT_EQ(columns[2].cell_type, "timestamp with time zone");
}

TEST_F(PlannedReadingTest, MemoryGrowsWithTheReaders) {
  const std::size_t one = buffers().front().bytes_max;
  lab_.settings.parallel = 4;
  EXPECT_EQ(buffers().front().bytes_max, one * 9 / 3);
  lab_.settings.parallel = 64;
  EXPECT_EQ(buffers().front().bytes_max, one * 15 / 3) << "7 of 8 sessions read";
  plan_.by_ctid = false;
  EXPECT_EQ(buffers().front().bytes_max, one / 3);
}

}  // namespace
}  // namespace rowferry::postgres
