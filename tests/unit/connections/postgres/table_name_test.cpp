#include "connections/postgres/table_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rowferry::connections {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(TableName, MayBeWhateverSqlTakes) {
  for (const char* name :
       {"t", "content.film_work", "shop.public.t", "\"Fleet\".\"telemetryRaw\"",
        "\"a.b.c.d\".\"e\"", "\"with \"\"quotes\"\"\"", " content . film_work ", "\"1234\"",
        "gr\xc3\xb6\xc3\x9f"
        "e",
        "t_1$", "\"\"\"\""}) {
    EXPECT_THAT(table_name_problem(name), IsEmpty()) << name;
  }
}

TEST(TableName, HasAtMostThreeParts) {
  EXPECT_THAT(table_name_problem("a.b.c.d"), HasSubstr("more than three parts"));
}

TEST(TableName, HasNoEmptyPart) {
  for (const char* name : {"", " ", ".t", "a.", "a..b", "\"\"", "a.\"\""}) {
    EXPECT_THAT(table_name_problem(name), HasSubstr("empty part")) << name;
  }
}

TEST(TableName, ClosesItsQuotes) {
  for (const char* name : {"\"t", "a.\"t", "\"t\"\"", "\""}) {
    EXPECT_THAT(table_name_problem(name), HasSubstr("not closed")) << name;
  }
}

TEST(TableName, IsNothingButAName) {
  for (const char* name : {"film work", "t; drop table t", "\"a\"b", "a\"b\"", "t t"}) {
    EXPECT_THAT(table_name_problem(name), HasSubstr("as in SQL")) << name;
  }
}

// The server would take digits for the number of an object, and `-` for none.
TEST(TableName, IsNoNumber) {
  EXPECT_THAT(table_name_problem("16384"), HasSubstr("number"));
  EXPECT_THAT(table_name_problem("-"), HasSubstr("number"));
  EXPECT_THAT(table_name_problem("public.7"), HasSubstr("number"));
}

}  // namespace
}  // namespace rowferry::connections
