#include "tests/integration/types/type_cases.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rowferry::test {
namespace {

constexpr const char* kNull = "NULL";

/// `ARRAY[[a,b],[c,NULL]]` with elements from `next`, of these sizes.
std::string nested(const std::vector<std::int64_t>& sizes, std::size_t depth,
                   const std::function<std::string()>& next) {
  if (depth == sizes.size()) {
    return next();
  }
  std::string list;
  for (std::int64_t index = 0; index < sizes[depth]; ++index) {
    list += index > 0 ? "," : "";
    list += nested(sizes, depth + 1, next);
  }
  return fmt::format("{}[{}]", depth == 0 ? "ARRAY" : "", list);
}

std::string with_bounds(const std::vector<std::int64_t>& sizes, const std::string& array,
                        const std::string& type, Random& random) {
  std::string bounds;
  for (const std::int64_t size : sizes) {
    const std::int64_t lower = random.between(-3, 3);
    bounds += fmt::format("[{}:{}]", lower, lower + size - 1);
  }
  return fmt::format("('{}=' || {}::text)::{}", bounds, array, type);
}

std::string random_array(const TypeCase& element, const std::string& type, Random& random) {
  const std::int64_t dimensions = random.one_in(20)  ? 6
                                  : random.one_in(3) ? random.between(2, 3)
                                                     : 1;
  std::vector<std::int64_t> sizes;
  for (std::int64_t index = 0; index < dimensions; ++index) {
    sizes.push_back(random.between(1, dimensions > 3 ? 2 : dimensions > 1 ? 3 : 5));
  }
  const auto next = [&]() -> std::string {
    if (random.one_in(8)) return kNull;
    return random.one_in(3) ? random.pick(element.extremes) : element.make(random);
  };
  const std::string array = fmt::format("{}::{}", nested(sizes, 0, next), type);
  return random.one_in(4) ? with_bounds(sizes, "(" + array + ")", type, random) : array;
}

/// A type that is seen through a few values.
TypeCase few(std::string name, std::string type, const std::vector<std::string>& texts,
             std::string definition = {}) {
  return {.name = std::move(name),
          .type = std::move(type),
          .extremes = literals(texts),
          .definition = std::move(definition),
          .is_closed = false};
}

std::vector<TypeCase> built_in_others() {
  return {
      few("inet", "inet", {"10.0.0.1", "10.0.0.0/8", "::1", "fe80::1/64"}),
      few("cidr", "cidr", {"10.0.0.0/8", "2001:db8::/32"}),
      few("macaddr", "macaddr", {"08:00:2b:01:02:03"}),
      few("macaddr8", "macaddr8", {"08:00:2b:01:02:03:04:05"}),
      few("money", "money", {"12.34", "-1000000"}),
      few("bit", "bit(5)", {"00000", "10101"}),
      few("varbit", "bit varying", {"", "1", "101010101"}),
      few("xml", "xml", {"<a b=\"c\">d\n</a>", "text"}),
      few("tsvector", "tsvector", {"a fat cat:3B", "'it''s' \"x\""}),
      few("tsquery", "tsquery", {"fat & (rat | cat)"}),
      few("point", "point", {"(1,2)", "(NaN,-Infinity)"}),
      few("box", "box", {"(1,2),(3,4)"}),
      few("line", "line", {"{1,2,3}"}),
      few("lseg", "lseg", {"[(1,2),(3,4)]"}),
      few("path", "path", {"[(1,2),(3,4)]", "((1,2),(3,4))"}),
      few("polygon", "polygon", {"((1,2),(3,4),(5,6))"}),
      few("circle", "circle", {"<(1,2),3>"}),
      few("oid", "oid", {"0", "4294967295"}),
      few("single_char", "\"char\"", {"", "a", "\"", "\\"}),
      few("timetz", "time with time zone", {"00:00+00", "24:00:00-15:59", "12:34:56.789+05:30"}),
      few("pg_lsn", "pg_lsn", {"0/0", "FFFFFFFF/FFFFFFFF"}),
      few("xid", "xid", {"3", "4294967295"}),
      few("xid8", "xid8", {"18446744073709551615"}),
      few("tid", "tid", {"(4294967295,65535)"}),
      few("regclass", "regclass", {"pg_class"}),
      few("int4range", "int4range", {"empty", "[1,10)", "(,)"}),
      few("tstzrange", "tstzrange", {"[2024-01-01 00:00+00,infinity)"}),
      few("int4multirange", "int4multirange", {"{}", "{[1,3),[5,7)}"}),
      few("inet_array", "inet[]", {"{}", "{10.0.0.1,NULL,::1}"}),
      few("timetz_array", "timetz[]", {"{12:34:56.789+05:30,NULL}"}),
      few("box_array", "box[]", {"{(3,4),(1,2);(3,4),(1,2)}"}),
      few("money_array", "money[]", {"{1234.5,NULL}"}),
  };
}

}  // namespace

std::vector<TypeCase> closed_scalars() {
  return {
      boolean_case(),
      integer_case("smallint", 16),
      integer_case("integer", 32),
      integer_case("bigint", 64),
      real_case(),
      double_case(),
      numeric_case(),
      numeric_case(10, 2),
      numeric_case(38, 10),
      numeric_case(1000, 0),
      numeric_case(3, 5),
      numeric_case(5, -2),
      text_case("text", "text", 2000),
      text_case("varchar", "varchar", 100),
      text_case("varchar_12", "varchar(12)", 12),
      text_case("char_12", "char(12)", 12),
      text_case("name", "name", 15),
      bytes_case(),
      uuid_case(),
      json_case(),
      jsonb_case(),
      date_case(),
      time_case(),
      timestamp_case("timestamp"),
      timestamp_case("timestamptz"),
      interval_case(),
  };
}

TypeCase array_of(const TypeCase& element) {
  TypeCase made{.name = element.name + "_array", .type = element.type + "[]", .extremes = {}};
  made.extremes = {fmt::format("ARRAY[]::{}", made.type),
                   fmt::format("ARRAY[NULL]::{}", made.type)};
  std::string all = kNull;
  for (const auto* list : {&element.extremes, &element.huge}) {
    for (const std::string& extreme : *list) all += "," + extreme;
  }
  made.extremes.push_back(fmt::format("ARRAY[{}]::{}", all, made.type));
  made.make = [element, type = made.type](Random& random) {
    return random_array(element, type, random);
  };
  return made;
}

TypeCase domain_over(const TypeCase& base) {
  TypeCase made = base;
  made.base = base.base.empty() ? base.type : base.base;
  made.name = base.name + "_domain";
  made.type = "types_test." + made.name;
  made.definition =
      fmt::format("{}; CREATE DOMAIN {} AS {}", base.definition, made.type, base.type);
  return made;
}

std::vector<TypeCase> closed_types() {
  std::vector<TypeCase> all = closed_scalars();
  const std::vector<TypeCase> scalars = all;
  std::ranges::transform(scalars, std::back_inserter(all), array_of);
  return all;
}

std::vector<TypeCase> closed_domains() {
  std::vector<TypeCase> all;
  std::ranges::transform(closed_scalars(), std::back_inserter(all), domain_over);
  all.push_back(domain_over(domain_over(numeric_case(10, 2))));
  all.push_back(domain_over(array_of(text_case("varchar_12", "varchar(12)", 12))));
  return all;
}

std::vector<TypeCase> other_types() {
  std::vector<TypeCase> all = built_in_others();
  const std::string mood = "types_test.mood";
  const std::string define_mood = "CREATE TYPE types_test.mood AS ENUM ('sad', 'o\"k', 'so, so')";
  all.push_back(few("enum", mood, {"sad", "o\"k", "so, so"}, define_mood));
  all.push_back(few("enum_array", mood + "[]", {"{sad,NULL,\"so, so\"}"}, define_mood));
  all.push_back(domain_over(few("mood", mood, {"sad"}, define_mood)));
  const std::string define_pair = "CREATE TYPE types_test.pair AS (a integer, b text)";
  all.push_back(few("composite", "types_test.pair", {"(1,\"a \"\"b\"\"\")", "(,)"}, define_pair));
  all.push_back(few("composite_array", "types_test.pair[]", {"{\"(1,a)\",NULL}"}, define_pair));
  const std::string define_range = "CREATE TYPE types_test.float_range AS RANGE (subtype = float8)";
  all.push_back(few("range", "types_test.float_range", {"[1.5,2.5)"}, define_range));
  const TypeCase domain = domain_over(numeric_case(10, 2));
  all.push_back(few("array_of_domain", domain.type + "[]", {"{1.00,NULL}"}, domain.definition));
  return all;
}

}  // namespace rowferry::test
