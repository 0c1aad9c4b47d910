#include "sources/postgres/definition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "lab.hpp"

namespace rowferry::postgres {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Definition films() {
  return Definition{
      {{"id", "bigint"}, {"title", "text"}, {"price", "numeric"}}, {"id"}, "stamp", {}, {}};
}

TEST(Definition, HoldsWhatIsSentAndTheCursor) {
  Lab lab;
  lab.settings.columns = {"title"};
  const Pass pass = lab.pass();
  const Definition definition = definition_of(lab.table, *pass.schema, "updated_at");
  const Definition expected{
      {{"title", "text"}, {"id", "bigint"}, {"updated_at", "timestamp with time zone"}},
      {"id"},
      "updated_at",
      lab.table.relation,
      {}};
  EXPECT_EQ(definition, expected);
}

TEST(Definition, ChangesInNothing) {
  const DefinitionChange change = compare(films(), films());
  EXPECT_THAT(change.added, IsEmpty());
  EXPECT_THAT(change.removed, IsEmpty());
  EXPECT_THAT(change.retyped, IsEmpty());
  EXPECT_FALSE(change.reordered);
  EXPECT_NO_THROW(refuse_retyped(change, "shop.film"));
}

TEST(Definition, TellsWhatCameAndWent) {
  Definition now = films();
  now.columns[2] = {"rating", "real"};
  const DefinitionChange change = compare(films(), now);
  EXPECT_THAT(change.added, ElementsAre("rating"));
  EXPECT_THAT(change.removed, ElementsAre("price"));
  EXPECT_NO_THROW(refuse_retyped(change, "shop.film"));
}

TEST(Definition, DoesNotMindTheOrderOfColumns) {
  Definition now = films();
  std::swap(now.columns[0], now.columns[2]);
  const DefinitionChange change = compare(films(), now);
  EXPECT_THAT(change.added, IsEmpty());
  EXPECT_FALSE(change.reordered);
}

TEST(Definition, RefusesOtherTypes) {
  Definition now = films();
  now.columns[2].type = "text";
  try {
    refuse_retyped(compare(films(), now), "shop.film");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("shop.film"), HasSubstr("price was numeric and is text"),
                      HasSubstr("--full")));
  }
}

TEST(Definition, TellsAnotherOrderOfRows) {
  Definition other_key = films();
  other_key.key = {"title", "id"};
  EXPECT_TRUE(compare(films(), other_key).reordered);
  Definition other_cursor = films();
  other_cursor.cursor = "changed";
  EXPECT_TRUE(compare(films(), other_cursor).reordered);
}

}  // namespace
}  // namespace rowferry::postgres
