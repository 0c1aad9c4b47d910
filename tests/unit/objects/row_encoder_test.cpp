#include "objects/row_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/error.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;

ObjectSettings settings_of(std::string_view key, ChangeColumns change_columns) {
  ObjectSettings settings;
  settings.key = KeyTemplate::parse(key);
  settings.change_columns = change_columns;
  return settings;
}

/// Why a schema cannot be written so; empty when it can.
std::string problem(const SchemaPointer& schema, const ObjectSettings& settings) {
  try {
    const RowEncoder encoder(schema, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    return error.what();
  }
  return "";
}

TEST(RowEncoder, RefusesColumnsThatAreNamedAsChangeColumns) {
  for (const std::string name : {"_op", "_sequence"}) {
    const SchemaPointer schema = test_schema({name});
    const std::string text = problem(schema, settings_of("{part}", ChangeColumns::yes));
    EXPECT_THAT(text, HasSubstr("table films has a column " + name + ", and change_columns"));
    EXPECT_THAT(text, HasSubstr("leave the column out (source.columns)"));
    EXPECT_EQ(problem(schema, settings_of("{part}", ChangeColumns::no)), "");
  }
  EXPECT_EQ(problem(test_schema(), settings_of("{part}", ChangeColumns::yes)), "");
}

TEST(RowEncoder, SpreadsRowsByTheColumnsThatItWrites) {
  auto schema = std::make_shared<Schema>(*test_schema());
  schema->columns[0].identity_only = true;
  EXPECT_EQ(problem(schema, settings_of("{column:id}/{part}", ChangeColumns::yes)), "");
  EXPECT_THAT(problem(schema, settings_of("{column:id}/{part}", ChangeColumns::no)),
              HasSubstr("names the column id, which table films does not send"));
  EXPECT_THAT(problem(schema, settings_of("{column:x}/{part}", ChangeColumns::yes)),
              HasSubstr("names the column x"));
}

}  // namespace
}  // namespace rowferry::test
