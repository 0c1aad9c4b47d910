#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

#include "pq/quote.hpp"
#include "tests/integration/types/random_values.hpp"

namespace rowferry::test {
namespace {

std::int64_t least_of(int bits) { return std::numeric_limits<std::int64_t>::min() >> (64 - bits); }

template <class Float>
std::string float_text(Float value) {
  if (std::isnan(value)) {
    return "'NaN'";
  }
  return fmt::format("'{:.{}g}'", value, std::numeric_limits<Float>::max_digits10);
}

/// Powers of two and ten with their neighbours: where the shortest decimal is hard to find.
template <class Float>
std::vector<std::string> float_extremes() {
  using Limits = std::numeric_limits<Float>;
  std::vector<std::string> all = literals({"NaN", "Infinity", "-Infinity", "0", "-0", "0.1"});
  const auto add = [&all](Float value) {
    for (const Float each : {std::nextafter(value, -Limits::infinity()), value, -value,
                             std::nextafter(value, Limits::infinity())}) {
      if (std::isfinite(each)) all.push_back(float_text(each));
    }
  };
  for (const Float each : {Limits::max(), Limits::min(), Limits::denorm_min(), Limits::epsilon()}) {
    add(each);
  }
  for (int power = Limits::min_exponent - Limits::digits; power < Limits::max_exponent; ++power) {
    add(std::ldexp(Float{1}, power));
  }
  for (int power = -20; power <= 25; ++power) {
    add(std::pow(Float{10}, static_cast<Float>(power)));
  }
  return all;
}

template <class Float, class Bits>
std::string random_float(Random& random) {
  const auto integer = static_cast<Float>(random_integer(random, 60));
  switch (random.between(0, 3)) {
    case 0:
      return float_text(integer);
    case 1:
      return float_text(integer / 100);
    default:
      return float_text(std::bit_cast<Float>(static_cast<Bits>(random.bits())));
  }
}

/// Digits of which many are zero or nine, alone or in runs.
std::string random_digits(Random& random, std::int64_t count_max) {
  std::string digits;
  const std::int64_t count = random.between(0, count_max);
  while (static_cast<std::int64_t>(digits.size()) < count) {
    const auto digit = static_cast<char>('0' + random.between(0, 9));
    const bool is_run = random.one_in(6);
    digits.append(static_cast<std::size_t>(is_run ? random.between(1, 9) : 1), digit);
  }
  digits.resize(static_cast<std::size_t>(count));
  return digits;
}

std::string random_numeric(Random& random) {
  const std::int64_t digits_max = random.one_in(100) ? 2000 : random.one_in(4) ? 60 : 12;
  const std::string whole = random_digits(random, digits_max);
  const std::string fraction = random_digits(random, digits_max);
  return fmt::format("'{}{}{}'", random.one_in(2) ? "-" : "", whole.empty() ? "0" : whole,
                     fraction.empty() ? "" : "." + fraction);
}

std::string random_decimal(Random& random, int precision, int scale) {
  std::string digits = random_digits(random, precision);
  digits.insert(0, "0");
  return fmt::format("'{}{}e{}'", random.one_in(2) ? "-" : "", digits, -scale);
}

}  // namespace

std::int64_t Random::between(std::int64_t least, std::int64_t greatest) {
  return std::uniform_int_distribution<std::int64_t>(least, greatest)(engine_);
}

std::vector<std::string> make_values(const TypeCase& of, Random& random, std::size_t count) {
  std::vector<std::string> values = {"NULL"};
  values.insert(values.end(), of.extremes.begin(), of.extremes.end());
  values.insert(values.end(), of.huge.begin(), of.huge.end());
  for (std::size_t index = 0; of.make && index < count; ++index) {
    values.push_back(of.make(random));
  }
  return values;
}

std::vector<std::string> literals(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    quoted.push_back(pq::quote_literal(text));
  }
  return quoted;
}

std::int64_t random_integer(Random& random, int bits) {
  const auto shift = random.between(64 - bits, 63);
  return static_cast<std::int64_t>(random.bits()) >> shift;
}

TypeCase boolean_case() {
  return {.name = "boolean",
          .type = "boolean",
          .extremes = {"'true'", "'false'"},
          .make = [](Random& random) { return random.one_in(2) ? "'true'" : "'false'"; }};
}

TypeCase integer_case(std::string name, int bits) {
  TypeCase made{.name = name, .type = std::move(name), .extremes = {}};
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1},
                                   least_of(bits), least_of(bits) + 1, -(least_of(bits) + 1)}) {
    made.extremes.push_back(fmt::format("'{}'", value));
  }
  for (std::int64_t power = 10; power < -(least_of(bits) / 10); power *= 10) {
    made.extremes.push_back(fmt::format("'{}'", power - 1));
    made.extremes.push_back(fmt::format("'{}'", -power));
  }
  made.make = [bits](Random& random) { return fmt::format("'{}'", random_integer(random, bits)); };
  return made;
}

TypeCase real_case() {
  return {.name = "real",
          .type = "real",
          .extremes = float_extremes<float>(),
          .make = random_float<float, std::uint32_t>};
}

TypeCase double_case() {
  return {.name = "double_precision",
          .type = "double precision",
          .extremes = float_extremes<double>(),
          .make = random_float<double, std::uint64_t>};
}

TypeCase numeric_case() {
  TypeCase made{.name = "numeric", .type = "numeric", .extremes = {}, .make = random_numeric};
  made.extremes =
      literals({"NaN", "Infinity", "-Infinity", "0", "0.0", "0.00000", "-0.0001", "0.00001", "9999",
                "10000", "99999999", "100000000", "1.0000", "10000.0001",
                "12345678901234567890.12345678901234567890", "1000000000000.0000000"});
  made.huge = literals({"1e131071", "-9.99e131071", "1e-16383", "-1e-16382", "1e-1000"});
  return made;
}

TypeCase numeric_case(int precision, int scale) {
  TypeCase made;
  made.name = fmt::format("numeric_{}_{}{}", precision, scale < 0 ? "minus_" : "", std::abs(scale));
  made.type = fmt::format("numeric({},{})", precision, scale);
  const std::string nines(static_cast<std::size_t>(precision), '9');
  made.extremes = literals({"NaN", "0", fmt::format("{}e{}", nines, -scale),
                            fmt::format("-{}e{}", nines, -scale), fmt::format("1e{}", -scale)});
  made.make = [precision, scale](Random& random) {
    return random_decimal(random, precision, scale);
  };
  return made;
}

}  // namespace rowferry::test
