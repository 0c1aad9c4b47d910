#include "core/array_text.hpp"

#include <gtest/gtest.h>

#include "core/array_binary.hpp"
#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

const Type kIntegers = array(ColumnType::int32);
const Type kTexts = array(ColumnType::text);

/// An array's cell from its text.
std::string cell(const Type& type, std::string_view text) {
  const auto made = cell_of(type, text);
  EXPECT_TRUE(made) << text;
  return made.value_or("");
}

TEST(ArrayText, ReadsTheBinaryForm) {
  const std::string one = big_endian(1, 0, 23, 1, 1, 4, 7);
  EXPECT_EQ(text_of(kIntegers, one), "{7}");
  EXPECT_EQ(json_of(kIntegers, one), "[7]");
  const std::string with_null = big_endian(1, 1, 23, 2, 1, -1, 4, 7);
  EXPECT_EQ(text_of(kIntegers, with_null), "{NULL,7}");
  EXPECT_EQ(json_of(kIntegers, with_null), "[null,7]");
  const std::string square = big_endian(2, 0, 23, 2, 1, 1, 1, 4, 7, 4, 8);
  EXPECT_EQ(text_of(kIntegers, square), "{{7},{8}}");
  EXPECT_EQ(json_of(kIntegers, square), "[[7],[8]]");
}

TEST(ArrayText, IsEmptyWithoutElements) {
  EXPECT_EQ(text_of(kIntegers, big_endian(0, 0, 23)), "{}");
  EXPECT_EQ(json_of(kIntegers, big_endian(0, 0, 23)), "[]");
  EXPECT_EQ(text_of(kIntegers, big_endian(2, 0, 23, 5, 1, 0, 1)), "{}");
}

TEST(ArrayText, ShowsLowerBounds) {
  EXPECT_EQ(text_of(kIntegers, big_endian(1, 0, 23, 1, -5, 4, 7)), "[-5:-5]={7}");
  EXPECT_EQ(json_of(kIntegers, big_endian(1, 0, 23, 1, -5, 4, 7)), "[7]");
  EXPECT_EQ(text_of(kIntegers, big_endian(1, 0, 23, 2, INT32_MAX, 4, 7, 4, 8)),
            "[2147483647:2147483648]={7,8}");
}

TEST(ArrayText, QuotesAsTheServerDoes) {
  for (const char* same : {R"({"",NULL,"NULL","nUlL",nullx})", R"({"a b","a,b","{","}"})",
                           R"({"\"","\\","a\\\"b"})", "{\"\t\",\"\n\",\"\v\",ä,a'b}"}) {
    EXPECT_EQ(text_of(kTexts, cell(kTexts, same)), same);
  }
  EXPECT_EQ(text_of(array(ColumnType::boolean), cell(array(ColumnType::boolean), "{true,f,NULL}")),
            "{t,f,NULL}");
  EXPECT_EQ(json_of(array(ColumnType::boolean), cell(array(ColumnType::boolean), "{true,f}")),
            "[true,false]");
}

TEST(ArrayText, ThrowsForADamagedHeader) {
  for (const std::string& damaged :
       {big_endian(7, 0, 23), big_endian(-1, 0, 23), big_endian(1, 0, 23),
        big_endian(1, 0, 23, 1, 1), big_endian(1, 0, 23, -1, 1, 4, 7),
        big_endian(1, 0, 23, INT32_MAX, 1, 4, 7),
        big_endian(2, 0, 23, INT32_MAX, 1, INT32_MAX, 1, 4, 7), big_endian(1, 0, 23, 1, 1, 4, 7, 0),
        big_endian(1, 0, 23, 1, 1, -2, 7), big_endian(1, 0, 23, 1, 1, INT32_MAX, 7),
        big_endian(1, 0, 23, 1, 1, 8, 7, 7), big_endian(0, 0, 23, 0)}) {
    EXPECT_THROW(text_of(kIntegers, damaged), Error);
    EXPECT_THROW(json_of(kIntegers, damaged), Error);
  }
}

TEST(ArrayText, ThrowsWhereverTheBytesBreakOff) {
  for (const ColumnType element : {ColumnType::int32, ColumnType::numeric, ColumnType::jsonb,
                                   ColumnType::text, ColumnType::interval}) {
    const Type type = array(element);
    const char* text = element == ColumnType::interval ? "[0:1][2:2]={{00:00:01},{NULL}}"
                                                       : "[0:1][2:2]={{12345},{NULL}}";
    const std::string whole = cell(type, text);
    EXPECT_EQ(text_of(type, whole), text);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THROW(text_of(type, whole.substr(0, size)), Error) << size;
      EXPECT_THROW(json_of(type, whole.substr(0, size)), Error) << size;
    }
  }
}

/// Prints what may be no array at all; the sanitizer watches.
void print_damaged(const Type& type, const std::string& damaged) {
  try {
    EXPECT_LT(text_of(type, damaged).size(), 1'000'000u);
    json_of(type, damaged);
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::internal);
  }
}

TEST(ArrayText, NeverReadsBeyondDamagedBytes) {
  for (const ColumnType element : {ColumnType::int64, ColumnType::numeric, ColumnType::text}) {
    const Type type = array(element);
    const std::string whole = cell(type, "{{1,22},{333,NULL}}");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string damaged = whole;
      for (const int byte : {0x00, 0x01, 0x02, 0x06, 0x7f, 0x80, 0xfe, 0xff}) {
        damaged[at] = static_cast<char>(byte);
        print_damaged(type, damaged);
      }
    }
  }
}

}  // namespace
}  // namespace rowferry::test
