#include "core/array_from_text.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

const Type kIntegers = array(ColumnType::int32);
const Type kTexts = array(ColumnType::text);

TEST(ArrayFromText, GivesTheServersBytes) {
  EXPECT_EQ(cell_of(kIntegers, "{}"), big_endian(0, 0, 23));
  EXPECT_EQ(cell_of(kIntegers, "{7}"), big_endian(1, 0, 23, 1, 1, 4, 7));
  EXPECT_EQ(cell_of(kIntegers, "[0:1]={NULL,7}"), big_endian(1, 1, 23, 2, 0, -1, 4, 7));
  EXPECT_EQ(cell_of(kIntegers, "{{7},{8}}"), big_endian(2, 0, 23, 2, 1, 1, 1, 4, 7, 4, 8));
}

TEST(ArrayFromText, TakesBlanksAroundItsParts) {
  EXPECT_EQ(read_back(kIntegers, " { 1 , 2 } "), "{1,2}");
  EXPECT_EQ(read_back(kTexts, "{ { a b , \" c\" } }"), R"({{"a b"," c"}})");
}

TEST(ArrayFromText, TellsNullFromTheWord) {
  EXPECT_EQ(read_back(kTexts, "{null,Null}"), "{NULL,NULL}");
  EXPECT_EQ(read_back(kTexts, R"({"NULL",\null,nul})"), R"({"NULL","null",nul})");
}

TEST(ArrayFromText, TakesEscapes) {
  EXPECT_EQ(read_back(kTexts, R"({a\,b,\ ,"a\"b"})"), R"({"a,b"," ","a\"b"})");
}

TEST(ArrayFromText, RefusesWhatIsNoArray) {
  for (const char* wrong : {"",           "1",          "{",           "}",
                            "{1",         "{1,}",       "{,1}",        "{1}2",
                            "{{1},2}",    "{1,{2}}",    "{{1},{2,3}}", "{{1,2},{3}}",
                            "[1:2={1,2}", "[1:2]{1,2}", "[1:3]={1,2}", "[1:2][1:1]={1,2}",
                            "[1]={1}",    "[1:1]={}",   "{\"1}",       "{1\"2\"}",
                            "{\\",        "{x}",        "{{}}"}) {
    EXPECT_EQ(read_back(kIntegers, wrong), "malformed") << wrong;
  }
}

TEST(ArrayFromText, RefusesWhatDoesNotFit) {
  EXPECT_EQ(read_back(kIntegers, "{1,2147483648}"), "out of range");
  EXPECT_EQ(read_back(kIntegers, "{{{{{{{1}}}}}}}"), "out of range");
  EXPECT_EQ(read_back(kIntegers, "{{{{{{1}}}}}}"), "{{{{{{1}}}}}}");
  EXPECT_EQ(read_back(kIntegers, "[2:1]={}"), "out of range");
  EXPECT_EQ(read_back(kIntegers, "[-2147483648:2147483647]={1}"), "out of range");
  const Type short_texts{.element = ColumnType::text, .is_array = true, .length = 2};
  EXPECT_EQ(read_back(short_texts, "{ab,abc}"), "out of range");
}

}  // namespace
}  // namespace rowferry::test
