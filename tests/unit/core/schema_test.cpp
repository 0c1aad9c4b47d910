#include "core/schema.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace rowferry::test {
namespace {

Schema films() {
  Schema schema;
  schema.table = "films";
  schema.columns.resize(2);
  schema.columns[0].name = "id";
  schema.columns[0].type.element = ColumnType::uuid;
  schema.columns[1].name = "title";
  schema.identity = {0};
  schema.key = {0};
  return schema;
}

TEST(Schema, FindsColumnsByTheirExactName) {
  EXPECT_EQ(films().find("title"), 1u);
  EXPECT_FALSE(films().find("Title").has_value());
  EXPECT_FALSE(films().find("").has_value());
}

TEST(Schema, HasTheFingerprintOfItsContent) {
  EXPECT_EQ(films().fingerprint(), films().fingerprint());
  const std::vector<std::function<void(Schema&)>> changes = {
      [](Schema& each) { each.table = "film"; },
      [](Schema& each) { each.columns[1].name = "name"; },
      [](Schema& each) { each.columns[1].type.is_array = true; },
      [](Schema& each) { each.columns[1].type.length = 10; },
      [](Schema& each) { each.columns[1].source_type = "public.mood"; },
      [](Schema& each) { each.columns[1].nullable = false; },
      [](Schema& each) { each.columns[1].identity_only = true; },
      [](Schema& each) {
        each.identity = {0, 1};
      },
      [](Schema& each) { each.key = {1}; },
      [](Schema& each) { each.columns.pop_back(); },
      [](Schema& each) { std::swap(each.columns[0], each.columns[1]); },
  };
  for (std::size_t index = 0; index < changes.size(); ++index) {
    Schema changed = films();
    changes[index](changed);
    EXPECT_NE(changed.fingerprint(), films().fingerprint()) << index;
  }
}

TEST(Type, IsSpelledAsByTheServer) {
  EXPECT_EQ(to_string(Type{}), "text");
  EXPECT_EQ(to_string(Type{.element = ColumnType::numeric, .precision = 10, .scale = 2}),
            "numeric(10,2)");
  EXPECT_EQ(to_string(Type{.element = ColumnType::text, .is_array = true, .length = 5}),
            "character varying(5)[]");
  EXPECT_EQ(to_string(Type{.element = ColumnType::timestamptz}), "timestamp with time zone");
}

}  // namespace
}  // namespace rowferry::test
