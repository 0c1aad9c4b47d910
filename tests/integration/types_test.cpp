// Every PostgreSQL type through the product's own source: our text against the server's, our JSON
// against its to_json, and the text back into the same bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "base/big_endian.hpp"
#include "base/buffer.hpp"
#include "core/array_binary.hpp"
#include "core/cell_from_text.hpp"
#include "core/cell_json.hpp"
#include "core/cell_text.hpp"
#include "pq/quote.hpp"
#include "sources/postgres/projection.hpp"
#include "tests/integration/types/differences.hpp"
#include "tests/integration/types/type_cases.hpp"
#include "tests/integration/types/typed_table.hpp"

namespace rowferry::test {
namespace {

constexpr std::size_t kRandomValues = 10'000;
constexpr std::size_t kRandomDomainValues = 200;
constexpr int kShownMax = 5;

std::uint64_t seed() {
  const char* given = std::getenv("ROWFERRY_TEST_SEED");
  static const std::uint64_t kSeed =
      given != nullptr ? std::stoull(given) : std::uint64_t{std::random_device{}()};
  return kSeed;
}

/// What an array's binary form says of its elements' type is lost where that is another spelling of
/// text: the header names text.
std::string with_own_element_type(const Type& type, std::string cell) {
  if (type.is_array) {
    store_big_endian(element_oid(type.element), cell.data() + 2 * sizeof(std::int32_t));
  }
  return cell;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kBytesMax = 300;
  return text.size() <= kBytesMax
             ? std::string(text)
             : fmt::format("{}... ({})", text.substr(0, kBytesMax), text.size());
}

/// Compares all rows of the table, and shows the first few that differ.
class Comparison {
 public:
  Comparison(const ReadColumn& column, const pq::Result& server)
      : column_(column), server_(server) {}

  void compare() {
    for (std::size_t id = 0; id < column_.cells.size(); ++id) {
      const int row = static_cast<int>(id);
      ASSERT_EQ(column_.cells[id].has_value(), !server_.is_null(row, 0)) << "row " << id;
      if (column_.cells[id]) {
        compare_row(row, *column_.cells[id]);
      }
    }
    EXPECT_EQ(texts_, 0) << "texts differ";
    EXPECT_EQ(jsons_, 0) << "JSON values differ";
    EXPECT_EQ(cells_, 0) << "texts do not become the cell again";
  }

 private:
  void compare_row(int row, const std::string& cell) {
    Buffer text;
    append_cell_text(column_.type, cell, text);
    note("text", text.view(), server_.text(row, 0), texts_);
    Buffer json;
    append_cell_json(column_.type, cell, json);
    note("JSON", json.view(), server_.text(row, 1), jsons_);
    Buffer again;
    const TextFit fit = cell_from_text(column_.type, text.view(), again);
    const bool is_same =
        fit == TextFit::fits && again.view() == with_own_element_type(column_.type, cell);
    if (!is_same && cells_++ < kShownMax) {
      ADD_FAILURE() << "no way back (" << static_cast<int>(fit) << ") from "
                    << shortened(text.view());
    }
  }

  static void note(const char* what, std::string_view ours, std::string_view theirs, int& count) {
    if (ours != theirs && count++ < kShownMax) {
      ADD_FAILURE() << what << "\n  ours:   " << shortened(ours)
                    << "\n  server: " << shortened(theirs);
    }
  }

  const ReadColumn& column_;
  const pq::Result& server_;
  int texts_ = 0;
  int jsons_ = 0;
  int cells_ = 0;
};

class Types : public testing::TestWithParam<TypeCase> {
 protected:
  static void SetUpTestSuite() { database_ = std::make_unique<TypesDatabase>(); }
  static void TearDownTestSuite() { database_.reset(); }

  void compare_values(std::size_t count) {
    std::cout << "ROWFERRY_TEST_SEED=" << seed() << "\n";
    Random random(seed());
    database_->fill(GetParam(), make_values(GetParam(), random, count));
    column_ = database_->read();
    const Printed ours = printed(GetParam());
    const pq::Result server = database_->query(
        fmt::format("SELECT {}, {} FROM types_test.t ORDER BY id", ours.text, ours.json));
    Comparison(column_, server).compare();
  }

  static std::unique_ptr<TypesDatabase> database_;
  ReadColumn column_;
};

std::unique_ptr<TypesDatabase> Types::database_;

std::string name_of(const testing::TestParamInfo<TypeCase>& info) { return info.param.name; }

class ClosedType : public Types {};
TEST_P(ClosedType, PrintsAsTheServerDoes) { compare_values(kRandomValues); }
INSTANTIATE_TEST_SUITE_P(All, ClosedType, testing::ValuesIn(closed_types()), name_of);

class ClosedDomain : public Types {};
TEST_P(ClosedDomain, IsItsBaseType) {
  compare_values(kRandomDomainValues);
  const postgres::Table table = database_->describe("types_test.t");
  EXPECT_FALSE(table.at("v").as_text);
}
INSTANTIATE_TEST_SUITE_P(All, ClosedDomain, testing::ValuesIn(closed_domains()), name_of);

class OtherType : public Types {};
TEST_P(OtherType, ArrivesAsTheServersText) {
  compare_values(0);
  EXPECT_EQ(column_.type, Type{});
}
INSTANTIATE_TEST_SUITE_P(All, OtherType, testing::ValuesIn(other_types()), name_of);

/// Every enumerator of ColumnType, also one that nobody has told this test about: each has a name,
/// and values that are none are called text.
std::vector<ColumnType> all_column_types() {
  std::vector<ColumnType> all;
  for (int value = 0; value <= 255; ++value) {
    const auto type = static_cast<ColumnType>(value);
    if (type == ColumnType::text || to_string(Type{.element = type}) != "text") {
      all.push_back(type);
    }
  }
  return all;
}

/// Makes `types_test.wide` with these columns; what the product's source makes of it.
postgres::Table make_wide_table(TypesDatabase& database, const std::vector<std::string>& types) {
  std::string columns;
  for (const std::string& type : types) {
    columns +=
        fmt::format("{}{} {}", columns.empty() ? "" : ", ", pq::quote_identifier(type), type);
  }
  database.query(
      fmt::format("DROP SCHEMA IF EXISTS types_test CASCADE; CREATE SCHEMA types_test; "
                  "CREATE TABLE types_test.wide ({})",
                  columns));
  return database.describe("types_test.wide");
}

/// How many columns the source's statements select as text.
std::size_t selected_as_text(const postgres::Table& table) {
  const postgres::SourceSettings settings = TypesDatabase::settings("types_test.wide");
  const postgres::Projection projection = postgres::make_projection(
      table, settings, postgres::make_schema(table, settings), postgres::Purpose::copy, false);
  std::size_t count = 0;
  constexpr std::string_view kCast = "::text";
  for (std::size_t at = projection.select.find(kCast); at != std::string::npos;
       at = projection.select.find(kCast, at + kCast.size())) {
    ++count;
  }
  return count;
}

TEST(Projection, SelectsNoClosedTypeAsText) {
  TypesDatabase database;
  std::vector<std::string> names;
  std::vector<Type> types;
  for (const ColumnType element : all_column_types()) {
    for (const bool is_array : {false, true}) {
      types.push_back(Type{.element = element, .is_array = is_array});
      names.push_back(to_string(types.back()));
    }
  }
  const postgres::Table table = make_wide_table(database, names);
  EXPECT_EQ(selected_as_text(table), 0u);
  for (std::size_t index = 0; index < types.size(); ++index) {
    EXPECT_EQ(table.columns[index].type, types[index]) << names[index];
  }
}

TEST(Projection, SelectsNoSpellingOfAClosedTypeAsText) {
  TypesDatabase database;
  std::vector<std::string> names;
  for (const TypeCase& each : closed_types()) {
    names.push_back(each.type);
  }
  const postgres::Table table = make_wide_table(database, names);
  EXPECT_EQ(selected_as_text(table), 0u);
}

TEST(Projection, SelectsOtherTypesAsText) {
  TypesDatabase database;
  const postgres::Table table = make_wide_table(database, {"inet", "inet[]", "timetz", "integer"});
  EXPECT_EQ(selected_as_text(table), 3u);
}

TEST(ClosedTypes, AreAllTried) {
  TypesDatabase database;
  std::vector<std::string> names;
  for (const TypeCase& each : closed_types()) {
    names.push_back(each.type);
  }
  std::set<std::pair<ColumnType, bool>> tried;
  for (const postgres::TableColumn& column : make_wide_table(database, names).columns) {
    tried.emplace(column.type.element, column.type.is_array);
  }
  for (const ColumnType element : all_column_types()) {
    EXPECT_TRUE(tried.contains({element, false})) << to_string(Type{.element = element});
    EXPECT_TRUE(tried.contains({element, true})) << to_string(Type{.element = element});
  }
}

}  // namespace
}  // namespace rowferry::test
