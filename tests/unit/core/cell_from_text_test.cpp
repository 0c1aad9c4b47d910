#include "core/cell_from_text.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

constexpr const char* kMalformed = "malformed";
constexpr const char* kOutOfRange = "out of range";

TEST(CellFromText, ReadsIntegers) {
  EXPECT_EQ(read_back(ColumnType::int16, " -32768 "), "-32768");
  EXPECT_EQ(read_back(ColumnType::int32, "+7"), "7");
  EXPECT_EQ(read_back(ColumnType::int64, "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(read_back(ColumnType::int16, "32768"), kOutOfRange);
  EXPECT_EQ(read_back(ColumnType::int64, "-9223372036854775809"), kOutOfRange);
  for (const char* wrong : {"", " ", "+", "-", "+-1", "++1", "1.0", "1e3", "0x1", "1 2"}) {
    EXPECT_EQ(read_back(ColumnType::int32, wrong), kMalformed) << wrong;
  }
}

TEST(CellFromText, ReadsFloats) {
  EXPECT_EQ(read_back(ColumnType::float64, "1e3"), "1000");
  EXPECT_EQ(read_back(ColumnType::float64, " .5 "), "0.5");
  EXPECT_EQ(read_back(ColumnType::float64, "-0"), "-0");
  EXPECT_EQ(read_back(ColumnType::float64, "5e-324"), "5e-324");
  EXPECT_EQ(read_back(ColumnType::float32, "nan"), "NaN");
  EXPECT_EQ(read_back(ColumnType::float32, "-INF"), "-Infinity");
  EXPECT_EQ(read_back(ColumnType::float64, "+infinity"), "Infinity");
  EXPECT_EQ(read_back(ColumnType::float32, "1e39"), kOutOfRange);
  EXPECT_EQ(read_back(ColumnType::float64, "1e-400"), kOutOfRange);
  for (const char* wrong : {"", "e5", "1e", "0x10", "1,5", "--1", "-nan", "infinit",
                            "1 "
                            "2"}) {
    EXPECT_EQ(read_back(ColumnType::float64, wrong), kMalformed) << wrong;
  }
}

TEST(CellFromText, ReadsBooleansInTheServersWords) {
  for (const char* word : {"true", "T", "yes", "y", "on", "1", " tr "}) {
    EXPECT_EQ(read_back(ColumnType::boolean, word), "true") << word;
  }
  for (const char* word : {"false", "F", "no", "of", "OFF", "0"}) {
    EXPECT_EQ(read_back(ColumnType::boolean, word), "false") << word;
  }
  for (const char* wrong : {"", "o", "2", "truee", "nope"}) {
    EXPECT_EQ(read_back(ColumnType::boolean, wrong), kMalformed) << wrong;
  }
}

TEST(CellFromText, KeepsTextAsItIs) {
  EXPECT_EQ(cell_of(scalar(ColumnType::text), " a "), " a ");
  EXPECT_EQ(read_back(ColumnType::text, std::string_view("a\0b", 3)), kMalformed);
  EXPECT_EQ(read_back(ColumnType::text, "\xff"), kMalformed);
  EXPECT_EQ(read_back(ColumnType::text, "\xed\xa0\x80"), kMalformed);
}

TEST(CellFromText, CountsCharactersNotBytes) {
  const Type two{.element = ColumnType::text, .length = 2};
  EXPECT_EQ(read_back(two, "ä€"), "ä€");
  EXPECT_EQ(read_back(two, "abc"), kOutOfRange);
}

TEST(CellFromText, ReadsBytes) {
  EXPECT_EQ(cell_of(scalar(ColumnType::bytes), "\\x00fF"), std::string("\0\xff", 2));
  EXPECT_EQ(cell_of(scalar(ColumnType::bytes), "\\x"), "");
  for (const char* wrong : {"", "00", "\\x0", "\\x0g", "\\X00", "\\x00 "}) {
    EXPECT_EQ(read_back(ColumnType::bytes, wrong), kMalformed) << wrong;
  }
}

TEST(CellFromText, ReadsUuids) {
  const std::string uuid = "30313233-3435-3637-3839-616263646566";
  for (const char* spelling :
       {"30313233-3435-3637-3839-616263646566", "{30313233343536373839616263646566}",
        "3031-3233-3435-3637-3839-6162-6364-6566", " 30313233-34353637-3839616263646566 ",
        "30313233-3435-3637-3839-616263646566"}) {
    EXPECT_EQ(read_back(ColumnType::uuid, spelling), uuid) << spelling;
  }
  EXPECT_EQ(read_back(ColumnType::uuid, "ABCDEFABCDEFABCDEFABCDEFABCDEFAB"),
            "abcdefab-cdef-abcd-efab-cdefabcdefab");
  for (const char* wrong :
       {"", "{}", "3031323334353637383961626364656", "303132333435363738396162636465667",
        "30313233--3435-3637-3839-616263646566", "-30313233343536373839616263646566",
        "30313233343536373839616263646566-", "3-0313233343536373839616263646566",
        "g0313233343536373839616263646566", "{30313233343536373839616263646566"}) {
    EXPECT_EQ(read_back(ColumnType::uuid, wrong), kMalformed) << wrong;
  }
}

TEST(CellFromText, KeepsJsonAsItIs) {
  EXPECT_EQ(cell_of(scalar(ColumnType::json), "{\n}"), "{\n}");
  EXPECT_EQ(cell_of(scalar(ColumnType::jsonb), "{\n}"), "\1{ }");
  EXPECT_EQ(read_back(ColumnType::json, R"("\u0000")"), R"("\u0000")");
  EXPECT_EQ(read_back(ColumnType::jsonb, R"("\u0000")"), kMalformed);
  for (const char* wrong : {"", "{", "nul", "01", "'a'", "[1,]", "\"\xff\""}) {
    EXPECT_EQ(read_back(ColumnType::json, wrong), kMalformed) << wrong;
    EXPECT_EQ(read_back(ColumnType::jsonb, wrong), kMalformed) << wrong;
  }
}

TEST(CellFromText, ExplainsAMisfit) {
  EXPECT_EQ(explain_misfit(TextFit::out_of_range, scalar(ColumnType::int16), "70000"),
            "\"70000\" is out of range for type smallint");
  EXPECT_EQ(explain_misfit(TextFit::malformed, array(ColumnType::uuid), "x"),
            "\"x\" is no value of type uuid[]");
}

TEST(CellFromText, CutsALongTextBetweenCharacters) {
  const std::string text = std::string(99, 'a') + "ä" + std::string(50, 'b');
  const std::string sentence = explain_misfit(TextFit::malformed, scalar(ColumnType::date), text);
  EXPECT_EQ(sentence, "\"" + std::string(99, 'a') + "...\" is no value of type date");
}

}  // namespace
}  // namespace rowferry::test
