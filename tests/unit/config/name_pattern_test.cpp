#include "config/name_pattern.hpp"

#include <gtest/gtest.h>

namespace rowferry::config {
namespace {

/// Whether two patterns meet; asked both ways round.
bool meet(const NamePattern& left, const NamePattern& right) {
  EXPECT_EQ(left.meets(right), right.meets(left));
  return left.meets(right);
}

NamePattern text(std::string_view literal) { return NamePattern(literal); }

TEST(NamePattern, TellsTextsApart) {
  EXPECT_TRUE(meet(text("a/b"), text("a/b")));
  EXPECT_FALSE(meet(text("a/b"), text("a/c")));
  EXPECT_FALSE(meet(text("a/b"), text("a/bc")));
  EXPECT_FALSE(meet(text(""), text("a")));
  EXPECT_TRUE(meet(text(""), text("")));
}

TEST(NamePattern, CountsDigits) {
  EXPECT_TRUE(meet(text("m/").digits(2), text("m/42")));
  EXPECT_FALSE(meet(text("m/").digits(2), text("m/427")));
  EXPECT_FALSE(meet(text("m/").digits(2), text("m/4x")));
  EXPECT_FALSE(meet(text("m/").digits(2), text("m/").digits(3)));
}

TEST(NamePattern, PadsNumbersToAWidthButCutsThemNever) {
  EXPECT_TRUE(meet(text("m/").number(1), text("m/").number(4)));
  EXPECT_TRUE(meet(text("m/").number(4), text("m/123456")));
  EXPECT_FALSE(meet(text("m/").number(4), text("m/123")));
  EXPECT_FALSE(meet(text("m/").number(4).literal(".csv"), text("m/").number(4).literal(".txt")));
  EXPECT_TRUE(meet(text("").number(1).literal("7").number(1), text("777")));
}

TEST(NamePattern, KeepsValuesOfColumnsWithinTheirFolder) {
  const NamePattern by_country = text("m/").any_within_folder().literal("/1.csv");
  EXPECT_TRUE(meet(by_country, text("m/DE/1.csv")));
  EXPECT_FALSE(meet(by_country, text("m//1.csv")));
  EXPECT_FALSE(meet(by_country, text("m/1.csv")));
  EXPECT_FALSE(meet(by_country, text("m/DE/x/1.csv")));
  EXPECT_TRUE(meet(by_country, text("m/").number(6).literal("/1.csv")));
  EXPECT_TRUE(meet(text("").any_within_folder(), text("a-").any_within_folder()));
}

}  // namespace
}  // namespace rowferry::config
