#include "pq/quote.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"

namespace rowferry::pq {
namespace {

TEST(QuoteIdentifier, RefusesWhatNoServerCanHold) {
  EXPECT_THROW(std::ignore = quote_identifier(""), Error);
  EXPECT_THROW(std::ignore = quote_identifier(std::string_view("a\0b", 3)), Error);
}

TEST(QuoteIdentifier, AlwaysQuotesAndDoublesQuotes) {
  EXPECT_EQ(quote_identifier("film_work"), R"("film_work")");
  EXPECT_EQ(quote_identifier(R"(a"b)"), R"("a""b")");
  EXPECT_EQ(quote_identifier(R"(back\slash)"), R"("back\slash")");
  EXPECT_EQ(quote_identifier("Größe"), R"("Größe")");
}

TEST(QuoteIdentifier, QualifiesWithASchemaWhereThereIsOne) {
  EXPECT_EQ(quote_qualified("Fleet", "telemetryRaw"), R"("Fleet"."telemetryRaw")");
  EXPECT_EQ(quote_qualified("", "movies"), R"("movies")");
}

TEST(QuoteLiteral, RefusesAZeroByte) {
  EXPECT_THROW(std::ignore = quote_literal(std::string_view("a\0b", 3)), Error);
}

TEST(QuoteLiteral, DoublesQuotes) {
  EXPECT_EQ(quote_literal(""), "''");
  EXPECT_EQ(quote_literal("O'Hara"), "'O''Hara'");
  EXPECT_EQ(quote_literal("'; DROP TABLE movies; --"), "'''; DROP TABLE movies; --'");
}

TEST(QuoteLiteral, WritesBackslashesSoThatEitherSettingReadsThem) {
  EXPECT_EQ(quote_literal(R"(a\b)"), R"( E'a\\b')");
  EXPECT_EQ(quote_literal(R"(\')"), R"( E'\\''')");
}

}  // namespace
}  // namespace rowferry::pq
