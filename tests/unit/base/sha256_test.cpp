#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rowferry {
namespace {

// The example of FIPS 180-4's test vectors.
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, MatchesThePublishedVectors) {
  Sha256 hash;
  hash.update("abc");
  EXPECT_EQ(to_hex(hash.finish()), kOfAbc);
}

TEST(Sha256, TakesBytesInPiecesAndStartsAnew) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(to_hex(hash.finish()), kOfAbc);
  EXPECT_EQ(to_hex(hash.finish()), kOfNothing);
}

TEST(Hex, WritesTwoDigitsAByte) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x0f\xff", 3)), "000fff");
}

}  // namespace
}  // namespace rowferry
