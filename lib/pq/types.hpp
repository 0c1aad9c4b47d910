#pragma once

#include <cstdint>

namespace rowferry::pq {

/// The number of a type in pg_type; the built-in ones below never change (PostgreSQL:
/// src/include/catalog/pg_type.dat).
using TypeOid = std::uint32_t;

inline constexpr TypeOid kBooleanOid = 16;
inline constexpr TypeOid kByteaOid = 17;
inline constexpr TypeOid kCharOid = 18;  ///< "char", one byte; not character(1)
inline constexpr TypeOid kNameOid = 19;
inline constexpr TypeOid kBigintOid = 20;
inline constexpr TypeOid kSmallintOid = 21;
inline constexpr TypeOid kIntegerOid = 23;
inline constexpr TypeOid kTextOid = 25;
inline constexpr TypeOid kOidOid = 26;
inline constexpr TypeOid kXidOid = 28;
inline constexpr TypeOid kJsonOid = 114;
inline constexpr TypeOid kXmlOid = 142;
inline constexpr TypeOid kRealOid = 700;
inline constexpr TypeOid kDoubleOid = 701;
inline constexpr TypeOid kMoneyOid = 790;
inline constexpr TypeOid kCharacterOid = 1042;  ///< character(n), blank-padded
inline constexpr TypeOid kVarcharOid = 1043;
inline constexpr TypeOid kDateOid = 1082;
inline constexpr TypeOid kTimeOid = 1083;
inline constexpr TypeOid kTimestampOid = 1114;
inline constexpr TypeOid kTimestamptzOid = 1184;
inline constexpr TypeOid kIntervalOid = 1186;
inline constexpr TypeOid kTimetzOid = 1266;
inline constexpr TypeOid kNumericOid = 1700;
inline constexpr TypeOid kUuidOid = 2950;
inline constexpr TypeOid kJsonbOid = 3802;

inline constexpr TypeOid kXmlArrayOid = 143;
inline constexpr TypeOid kJsonArrayOid = 199;
inline constexpr TypeOid kBooleanArrayOid = 1000;
inline constexpr TypeOid kByteaArrayOid = 1001;
inline constexpr TypeOid kNameArrayOid = 1003;
inline constexpr TypeOid kSmallintArrayOid = 1005;
inline constexpr TypeOid kIntegerArrayOid = 1007;
inline constexpr TypeOid kTextArrayOid = 1009;
inline constexpr TypeOid kCharacterArrayOid = 1014;
inline constexpr TypeOid kVarcharArrayOid = 1015;
inline constexpr TypeOid kBigintArrayOid = 1016;
inline constexpr TypeOid kRealArrayOid = 1021;
inline constexpr TypeOid kDoubleArrayOid = 1022;
inline constexpr TypeOid kTimestampArrayOid = 1115;
inline constexpr TypeOid kDateArrayOid = 1182;
inline constexpr TypeOid kTimeArrayOid = 1183;
inline constexpr TypeOid kTimestamptzArrayOid = 1185;
inline constexpr TypeOid kIntervalArrayOid = 1187;
inline constexpr TypeOid kNumericArrayOid = 1231;
inline constexpr TypeOid kTimetzArrayOid = 1270;
inline constexpr TypeOid kUuidArrayOid = 2951;
inline constexpr TypeOid kJsonbArrayOid = 3807;

}  // namespace rowferry::pq
