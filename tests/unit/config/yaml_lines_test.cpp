#include "config/yaml_lines.hpp"

#include <gtest/gtest.h>

namespace rowferry::config {
namespace {

TEST(YamlLines, AreCountedFromOne) {
  const YamlLines lines("a\n\nb");
  EXPECT_EQ(lines.count(), 3);
  EXPECT_EQ(lines.at(1), "a");
  EXPECT_EQ(lines.at(2), "");
  EXPECT_EQ(lines.at(3), "b");
  EXPECT_EQ(lines.at(0), "");
  EXPECT_EQ(lines.at(4), "");
  EXPECT_EQ(YamlLines("").count(), 1);
  EXPECT_EQ(YamlLines("a\n").count(), 1);
}

TEST(YamlLines, FindTheDashOfAnEmptyItem) {
  EXPECT_EQ(YamlLines("l:\n  - a\n  -\n  - c\n").line_of_empty_item(4, 2), 3);
  EXPECT_EQ(YamlLines("l:\n  -\n\n  # comment\nm: 1\n").line_of_empty_item(5, 0), 2);
  EXPECT_EQ(YamlLines("l:\n  -\n").line_of_empty_item(4, 0), 2);
  EXPECT_EQ(YamlLines("l: [a, , b]\n").line_of_empty_item(1, 7), 1);
}

TEST(YamlLines, FindAQuoteThatIsNotClosed) {
  EXPECT_EQ(YamlLines("a: 'b'\nc: \"d\ne: f\n").line_of_open_quote(1), 2);
  EXPECT_EQ(YamlLines("a: it's\n# don't\nc: [d, 'e]\n").line_of_open_quote(1), 3);
  EXPECT_EQ(YamlLines("a: \"\\\"\"\nb: 'it''s'\n").line_of_open_quote(1), 0);
  EXPECT_EQ(YamlLines("a: 'x\nb: 'y\n").line_of_open_quote(2), 2);
}

}  // namespace
}  // namespace rowferry::config
