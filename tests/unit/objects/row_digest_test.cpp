#include "objects/row_digest.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

namespace rowferry {
namespace {

RowDigest digest_of(std::initializer_list<std::string_view> rows) {
  RowDigest digest;
  for (const std::string_view row : rows) {
    digest.add(row);
  }
  return digest;
}

TEST(RowDigest, IsThePublishedHashForOneRow) {
  // XXH3-128 of nothing, seed 0, as xxHash's own test table has it.
  EXPECT_EQ(digest_of({""}).to_hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(RowDigest, DoesNotDependOnTheOrder) {
  EXPECT_EQ(digest_of({"a", "b", "c"}), digest_of({"c", "a", "b"}));
}

TEST(RowDigest, TellsRowsAndRepetitionsApart) {
  EXPECT_NE(digest_of({"a"}), digest_of({"b"}));
  EXPECT_NE(digest_of({"a"}), digest_of({"a", "a"}));
  EXPECT_NE(digest_of({"a", "a"}), digest_of({}));
  EXPECT_NE(digest_of({"ab", "c"}), digest_of({"a", "bc"}));
}

TEST(RowDigest, AddsUpOverParts) {
  RowDigest sum = digest_of({"a", "b"});
  sum += digest_of({"c"});
  EXPECT_EQ(sum, digest_of({"a", "b", "c"}));
}

}  // namespace
}  // namespace rowferry
