#include "objects/percent.hpp"

#include <gtest/gtest.h>

namespace rowferry {
namespace {

TEST(KeyComponent, KeepsPlainText) {
  EXPECT_EQ(to_key_component("2026-01-01_a.B9"), "2026-01-01_a.B9");
}

TEST(KeyComponent, EncodesEverythingElse) {
  EXPECT_EQ(to_key_component("a/b c%:=\n"), "a%2Fb%20c%25%3A%3D%0A");
  EXPECT_EQ(to_key_component("\xc3\xa4"), "%C3%A4");
  EXPECT_EQ(to_key_component(std::string_view("\0", 1)), "%00");
}

TEST(KeyComponent, LeavesNoWayUpAndNothingHidden) {
  EXPECT_EQ(to_key_component("."), "%2E");
  EXPECT_EQ(to_key_component(".."), "%2E.");
  EXPECT_EQ(to_key_component(".profile"), "%2Eprofile");
}

}  // namespace
}  // namespace rowferry
