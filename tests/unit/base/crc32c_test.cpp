#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rowferry {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, MatchesThePublishedVectors) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

TEST(Crc32c, GoesOnWhereItEnded) {
  EXPECT_EQ(crc32c("456789", crc32c("123")), crc32c("123456789"));
  EXPECT_EQ(crc32c(""), 0u);
}

}  // namespace
}  // namespace rowferry
