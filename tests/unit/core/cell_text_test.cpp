#include "core/cell_text.hpp"

#include <gtest/gtest.h>

#include <bit>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

TEST(CellText, IsThatOfTheServer) {
  EXPECT_EQ(text_of(ColumnType::boolean, "\1"), "true");
  EXPECT_EQ(text_of(ColumnType::boolean, std::string(1, '\0')), "false");
  EXPECT_EQ(text_of(ColumnType::int16, big_endian(std::int16_t{-32768})), "-32768");
  EXPECT_EQ(text_of(ColumnType::int32, big_endian(2147483647)), "2147483647");
  EXPECT_EQ(text_of(ColumnType::int64, big_endian(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(text_of(ColumnType::float32, big_endian(std::bit_cast<std::uint32_t>(0.1f))), "0.1");
  EXPECT_EQ(text_of(ColumnType::float64, big_endian(std::bit_cast<std::uint64_t>(-0.0))), "-0");
  EXPECT_EQ(text_of(ColumnType::text, "a\n"), "a\n");
  EXPECT_EQ(text_of(ColumnType::bytes, std::string("\0\xff", 2)), "\\x00ff");
  EXPECT_EQ(text_of(ColumnType::uuid, "0123456789abcdef"), "30313233-3435-3637-3839-616263646566");
  EXPECT_EQ(text_of(ColumnType::json, " {}\n"), " {}\n");
  EXPECT_EQ(text_of(ColumnType::jsonb, "\1{}"), "{}");
  EXPECT_EQ(text_of(ColumnType::date, big_endian(-1)), "1999-12-31");
  EXPECT_EQ(text_of(ColumnType::time, big_endian(std::int64_t{86'400'000'000})), "24:00:00");
  EXPECT_EQ(text_of(ColumnType::timestamp, big_endian(std::int64_t{500'000})),
            "2000-01-01 00:00:00.5");
  EXPECT_EQ(text_of(ColumnType::timestamptz, big_endian(std::int64_t{-1})),
            "1999-12-31 23:59:59.999999+00");
  EXPECT_EQ(text_of(ColumnType::interval, big_endian(std::int64_t{0}, -1, 14)),
            "1 year 2 mons -1 days");
}

struct Fixed {
  ColumnType type;
  std::size_t bytes;
};

TEST(CellText, ThrowsForEveryOtherSize) {
  for (const auto& [type, bytes] :
       {Fixed{ColumnType::boolean, 1}, Fixed{ColumnType::int16, 2}, Fixed{ColumnType::int32, 4},
        Fixed{ColumnType::int64, 8}, Fixed{ColumnType::float32, 4}, Fixed{ColumnType::float64, 8},
        Fixed{ColumnType::uuid, 16}, Fixed{ColumnType::date, 4}, Fixed{ColumnType::time, 8},
        Fixed{ColumnType::timestamp, 8}, Fixed{ColumnType::timestamptz, 8},
        Fixed{ColumnType::interval, 16}, Fixed{ColumnType::numeric, 8}}) {
    for (std::size_t size = 0; size <= bytes + 8; ++size) {
      const std::string cell(size, '\0');
      if (size == bytes) {
        EXPECT_NO_THROW(text_of(type, cell)) << to_string(scalar(type));
        continue;
      }
      EXPECT_THROW(text_of(type, cell), Error) << to_string(scalar(type)) << ' ' << size;
      EXPECT_THROW(json_of(type, cell), Error) << to_string(scalar(type)) << ' ' << size;
    }
  }
}

TEST(CellText, ThrowsForAJsonbOfAnotherVersion) {
  EXPECT_THROW(text_of(ColumnType::jsonb, ""), Error);
  EXPECT_THROW(text_of(ColumnType::jsonb, "\2{}"), Error);
  EXPECT_THROW(json_of(ColumnType::jsonb, "{}"), Error);
}

TEST(CellText, ThrowsForATimeBeyondTheDay) {
  EXPECT_THROW(text_of(ColumnType::time, big_endian(std::int64_t{-1})), Error);
  EXPECT_THROW(text_of(ColumnType::time, big_endian(std::int64_t{86'400'000'001})), Error);
  EXPECT_THROW(json_of(ColumnType::time, big_endian(INT64_MAX)), Error);
}

TEST(CellText, NamesTheTypeOfWhatIsNone) {
  try {
    text_of(Type{.element = ColumnType::numeric, .precision = 10, .scale = 2}, "abc");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::internal);
    EXPECT_NE(std::string_view(error.what()).find("numeric"), std::string_view::npos);
  }
}

TEST(CellText, TakesAnyNumberForADay) {
  for (const std::int32_t day : {INT32_MIN + 1, INT32_MAX - 1, -730'120, -730'119}) {
    EXPECT_NO_THROW(text_of(ColumnType::date, big_endian(day)));
  }
  for (const std::int64_t moment : {INT64_MIN + 1, INT64_MAX - 1}) {
    EXPECT_NO_THROW(text_of(ColumnType::timestamptz, big_endian(moment)));
    EXPECT_NO_THROW(json_of(ColumnType::timestamp, big_endian(moment)));
  }
}

}  // namespace
}  // namespace rowferry::test
