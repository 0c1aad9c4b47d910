#include "pq/copy_format.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rowferry::pq {
namespace {

std::string header(std::string_view flags, std::string_view extension_size) {
  std::string bytes("PGCOPY\n\377\r\n\0", 11);
  return bytes.append(flags).append(extension_size);
}

const std::string kZero(4, '\0');

TEST(BinaryCopyHeader, IsNotFoundInWhatWeDoNotKnow) {
  EXPECT_EQ(binary_copy_header_size(""), 0u);
  EXPECT_EQ(binary_copy_header_size("PGCOPY\n"), 0u);
  EXPECT_EQ(binary_copy_header_size(std::string(19, 'x')), 0u);
  EXPECT_EQ(binary_copy_header_size(header(std::string("\0\1\0\0", 4), kZero)), 0u);
  EXPECT_EQ(binary_copy_header_size(header(kZero, std::string("\0\0\0\5", 4)) + "1234"), 0u);
}

TEST(BinaryCopyHeader, IsNineteenBytesAndItsExtension) {
  EXPECT_EQ(binary_copy_header_size(header(kZero, kZero)), 19u);
  EXPECT_EQ(binary_copy_header_size(header(kZero, kZero) + "row"), 19u);
  EXPECT_EQ(binary_copy_header_size(header(kZero, std::string("\0\0\0\2", 4)) + "xxrow"), 21u);
}

TEST(BinaryCopyTrailer, IsAFieldCountOfMinusOne) {
  EXPECT_TRUE(is_binary_copy_trailer("\377\377"));
  EXPECT_FALSE(is_binary_copy_trailer(""));
  EXPECT_FALSE(is_binary_copy_trailer(std::string_view("\0\0", 2)));
  EXPECT_FALSE(is_binary_copy_trailer("\377\377x"));
}

}  // namespace
}  // namespace rowferry::pq
