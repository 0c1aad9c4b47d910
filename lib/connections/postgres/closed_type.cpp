#include "connections/postgres/closed_type.hpp"

#include <algorithm>
#include <array>

namespace rowferry::connections {
namespace {

struct KnownType {
  pq::TypeOid scalar;
  pq::TypeOid array;
  ColumnType type;
};

// bpchar, varchar and name have the binary form of text.
constexpr auto kKnownTypes = std::to_array<KnownType>({
    {pq::kBooleanOid, pq::kBooleanArrayOid, ColumnType::boolean},
    {pq::kSmallintOid, pq::kSmallintArrayOid, ColumnType::int16},
    {pq::kIntegerOid, pq::kIntegerArrayOid, ColumnType::int32},
    {pq::kBigintOid, pq::kBigintArrayOid, ColumnType::int64},
    {pq::kRealOid, pq::kRealArrayOid, ColumnType::float32},
    {pq::kDoubleOid, pq::kDoubleArrayOid, ColumnType::float64},
    {pq::kNumericOid, pq::kNumericArrayOid, ColumnType::numeric},
    {pq::kTextOid, pq::kTextArrayOid, ColumnType::text},
    {pq::kVarcharOid, pq::kVarcharArrayOid, ColumnType::text},
    {pq::kCharacterOid, pq::kCharacterArrayOid, ColumnType::text},
    {pq::kNameOid, pq::kNameArrayOid, ColumnType::text},
    {pq::kByteaOid, pq::kByteaArrayOid, ColumnType::bytes},
    {pq::kUuidOid, pq::kUuidArrayOid, ColumnType::uuid},
    {pq::kJsonOid, pq::kJsonArrayOid, ColumnType::json},
    {pq::kJsonbOid, pq::kJsonbArrayOid, ColumnType::jsonb},
    {pq::kDateOid, pq::kDateArrayOid, ColumnType::date},
    {pq::kTimeOid, pq::kTimeArrayOid, ColumnType::time},
    {pq::kTimestampOid, pq::kTimestampArrayOid, ColumnType::timestamp},
    {pq::kTimestamptzOid, pq::kTimestamptzArrayOid, ColumnType::timestamptz},
    {pq::kIntervalOid, pq::kIntervalArrayOid, ColumnType::interval},
});

// A type modifier counts its own four bytes (PostgreSQL: VARHDRSZ); numeric packs precision and an
// eleven-bit signed scale.
constexpr int kHeader = 4;

void apply_modifier(int modifier, Type& type) {
  if (modifier < kHeader) {
    return;
  }
  const int value = modifier - kHeader;
  if (type.element == ColumnType::numeric) {
    type.precision = static_cast<std::int16_t>((value >> 16) & 0xffff);
    type.scale = static_cast<std::int16_t>(((value & 0x7ff) ^ 1024) - 1024);
  } else if (type.element == ColumnType::text) {
    type.length = value;
  }
}

}  // namespace

std::optional<Type> closed_type(pq::TypeOid oid, int modifier) {
  const auto found = std::ranges::find_if(kKnownTypes, [oid](const KnownType& known) {
    return known.scalar == oid || known.array == oid;
  });
  if (found == kKnownTypes.end()) {
    return std::nullopt;
  }
  Type type;
  type.element = found->type;
  type.is_array = found->array == oid;
  apply_modifier(modifier, type);
  return type;
}

}  // namespace rowferry::connections
