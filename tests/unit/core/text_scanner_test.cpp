#include "core/text_scanner.hpp"

#include <gtest/gtest.h>

namespace rowferry::test {
namespace {

TEST(TextScanner, PassesOnlyWhatComesNext) {
  TextScanner scanner("ab");
  EXPECT_FALSE(scanner.eat('b'));
  EXPECT_FALSE(scanner.eat("abc"));
  EXPECT_TRUE(scanner.eat('a'));
  EXPECT_TRUE(scanner.eat("b"));
  EXPECT_TRUE(scanner.at_end());
  EXPECT_FALSE(scanner.eat('\0'));
  EXPECT_EQ(scanner.peek(), '\0');
}

TEST(TextScanner, ReadsNumbersOfSoManyDigits) {
  EXPECT_EQ(TextScanner("0123x").eat_number(1, 4), 123);
  EXPECT_FALSE(TextScanner("12345").eat_number(1, 4).has_value());
  EXPECT_FALSE(TextScanner("1").eat_number(2, 4).has_value());
  EXPECT_FALSE(TextScanner("").eat_number(1, 4).has_value());
}

TEST(TextScanner, KnowsBlanks) {
  EXPECT_EQ(trim_blanks(" \t\n\v\f\ra b "), "a b");
  EXPECT_EQ(trim_blanks("  "), "");
  EXPECT_EQ(trim_blanks("\u00a0"), "\u00a0");
}

TEST(TextScanner, ComparesWordsInAnyCase) {
  EXPECT_TRUE(is_word("NaN", "nan"));
  EXPECT_FALSE(is_word("na", "nan"));
  EXPECT_FALSE(is_word("[an", "{an"));
}

}  // namespace
}  // namespace rowferry::test
