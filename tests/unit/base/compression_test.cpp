#include "base/compression.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/error.hpp"

namespace rowferry {
namespace {

std::string random_bytes(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

std::string unpacked(std::string_view packed, std::size_t bytes_max = 1u << 30) {
  Buffer out;
  gunzip(packed, bytes_max, out);
  return std::string(out.view());
}

std::string packed(std::string_view text) {
  Buffer out;
  gzip(text, out);
  return std::string(out.view());
}

TEST(Gunzip, RefusesWhatIsNoGzip) { EXPECT_THROW(unpacked("plain text, not packed"), Error); }

TEST(Gunzip, RefusesACutOffMember) {
  const std::string whole = packed(random_bytes(100'000));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_THROW(unpacked(whole.substr(0, size)), Error) << size;
  }
}

TEST(Gunzip, RefusesAWrongChecksum) {
  std::string bytes = packed("films");
  bytes[bytes.size() - 6] ^= 1;
  EXPECT_THROW(unpacked(bytes), Error);
}

TEST(Gunzip, StopsBeyondItsLimit) {
  const std::string bomb = packed(std::string(10'000'000, 'x'));
  EXPECT_LT(bomb.size(), 100'000u);
  EXPECT_THROW(unpacked(bomb, 1'000'000), Error);
}

TEST(Gunzip, ReadsSeveralMembers) {
  EXPECT_EQ(unpacked(packed("one ") + packed("") + packed("two")), "one two");
}

TEST(Gzip, GivesBackWhatItTook) {
  for (const std::size_t size : {0, 1, 1000, 65536, 3'000'000}) {
    const std::string bytes = random_bytes(size);
    EXPECT_EQ(unpacked(packed(bytes)), bytes) << size;
  }
}

TEST(GzipWriter, TakesItsInputInPieces) {
  const std::string row = R"({"id":1,"title":"The Matrix","plot":"A hacker learns"})";
  GzipWriter writer;
  Buffer out;
  std::string whole;
  for (int count = 0; count < 20'000; ++count) {
    writer.write(row, out);
    whole += row;
  }
  writer.finish(out);
  EXPECT_EQ(unpacked(out.view()), whole);
  EXPECT_LT(out.size() * 20, whole.size());
}

TEST(GzipWriter, BeginsAnewAfterTheEnd) {
  GzipWriter writer;
  for (const std::string_view text : {"first", "", "third"}) {
    Buffer out;
    writer.write(text, out);
    writer.finish(out);
    EXPECT_EQ(unpacked(out.view()), text);
  }
}

}  // namespace
}  // namespace rowferry
