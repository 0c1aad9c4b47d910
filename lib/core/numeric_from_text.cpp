#include "core/numeric_from_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/big_endian.hpp"
#include "core/numeric_text.hpp"
#include "core/text_scanner.hpp"

namespace rowferry {
namespace {

using namespace numeric_form;

constexpr std::int64_t kWeightMax = INT16_MAX;
constexpr std::size_t kExponentDigitsMax = 9;
// Means nothing: the server's numeric_send takes it from bits that mark the value as infinite.
constexpr std::int64_t kInfinityScale = 32;

/// A decimal as it was written: `whole.fraction * 10^exponent`.
struct Decimal {
  bool is_negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;

  [[nodiscard]] std::int64_t count() const {
    return static_cast<std::int64_t>(whole.size() + fraction.size());
  }
  [[nodiscard]] unsigned digit(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return static_cast<unsigned>((at < whole.size() ? whole[at] : fraction[at - whole.size()]) -
                                 '0');
  }
  /// The power of ten of a digit.
  [[nodiscard]] std::int64_t power(std::int64_t index) const {
    return static_cast<std::int64_t>(whole.size()) - 1 - index + exponent;
  }
};

std::optional<Decimal> parse(std::string_view text) {
  TextScanner scanner(text);
  Decimal decimal;
  decimal.is_negative = scanner.eat('-');
  if (!decimal.is_negative) scanner.eat('+');
  decimal.whole = scanner.eat_digits();
  if (scanner.eat('.')) decimal.fraction = scanner.eat_digits();
  if (decimal.count() == 0) return std::nullopt;
  if (scanner.eat('e') || scanner.eat('E')) {
    const bool is_small = scanner.eat('-');
    if (!is_small) scanner.eat('+');
    const auto exponent = scanner.eat_number(1, kExponentDigitsMax);
    if (!exponent) return std::nullopt;
    decimal.exponent = is_small ? -*exponent : *exponent;
  }
  return scanner.at_end() ? std::optional(decimal) : std::nullopt;
}

std::int64_t floor_by_four(std::int64_t power) {
  return power >= 0 ? power / 4 : -((3 - power) / 4);
}

/// Digits to the base of 10,000, built in network order at the end of a buffer.
class Groups {
 public:
  /// Zeros, from the group of weight `first` down to that of weight `last`.
  Groups(std::int64_t first, std::int64_t last, Buffer& out)
      : weight_(first), count_(first - last + 1) {
    const auto bytes = 2 * static_cast<std::size_t>(count_);
    digits_ = out.prepare(kHeaderBytes + bytes) + kHeaderBytes;
    std::fill_n(digits_, bytes, '\0');
  }

  /// Adds `digit * 10^power`, and what carries over.
  void add(unsigned digit, std::int64_t power) {
    constexpr std::array<unsigned, 4> kTens = {1, 10, 100, 1000};
    std::int64_t place = weight_ - floor_by_four(power);
    unsigned sum = get(place) + digit * kTens[static_cast<std::size_t>(power & 3)];
    for (; sum >= 10'000; sum = get(place) + 1) {
      set(place, sum - 10'000);
      --place;
    }
    set(place, sum);
  }

  /// Leaves zeros away at both ends.
  void strip() {
    while (count_ > 0 && get(count_ - 1) == 0) --count_;
    while (count_ > 0 && get(0) == 0) {
      digits_ += 2;
      --count_;
      --weight_;
    }
    if (count_ == 0) weight_ = 0;
  }

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t weight() const { return weight_; }

  /// How many decimal digits stand before the point, once stripped; negative: zeros behind it.
  [[nodiscard]] std::int64_t whole_digits() const {
    const unsigned first = get(0);
    const int size = first >= 1000 ? 4 : first >= 100 ? 3 : first >= 10 ? 2 : 1;
    return weight_ * 4 + size;
  }

  /// Moves the digits behind the header and counts all as content.
  void finish(bool is_negative, std::int64_t scale, Buffer& out) const {
    char* header = out.prepare(0);
    const auto bytes = 2 * static_cast<std::size_t>(count_);
    std::copy_n(digits_, bytes, header + kHeaderBytes);
    header = store_big_endian(static_cast<std::uint16_t>(count_), header);
    header = store_big_endian(static_cast<std::int16_t>(weight_), header);
    header = store_big_endian(is_negative ? kNegative : kPositive, header);
    store_big_endian(static_cast<std::uint16_t>(scale), header);
    out.commit(kHeaderBytes + bytes);
  }

 private:
  [[nodiscard]] unsigned get(std::int64_t place) const {
    return load_big_endian<std::uint16_t>(digits_ + 2 * place);
  }
  void set(std::int64_t place, unsigned digit) {
    store_big_endian(static_cast<std::uint16_t>(digit), digits_ + 2 * place);
  }

  std::int64_t weight_;
  std::int64_t count_;
  char* digits_ = nullptr;
};

/// What is kept of a decimal: the digits [first, last), one more at the last place when rounded up.
struct Kept {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool rounds_up = false;
  std::int64_t lowest_power = 0;
};

Kept cut(const Type& type, const Decimal& decimal) {
  Kept kept{.last = decimal.count()};
  if (type.precision > 0) {
    const std::int64_t last =
        static_cast<std::int64_t>(decimal.whole.size()) + decimal.exponent + type.scale;
    kept.last = std::clamp<std::int64_t>(last, 0, decimal.count());
    kept.rounds_up = last >= 0 && last < decimal.count() && decimal.digit(last) >= 5;
  }
  while (kept.first < kept.last && decimal.digit(kept.first) == 0) ++kept.first;
  while (!kept.rounds_up && kept.last > kept.first && decimal.digit(kept.last - 1) == 0) {
    --kept.last;
  }
  kept.lowest_power = decimal.power(kept.last - 1);
  return kept;
}

/// A value without digits: zero, NaN or infinite.
void append_header(std::uint16_t sign, std::int64_t scale, Buffer& out) {
  char* header = out.prepare(kHeaderBytes);
  header = store_big_endian(std::uint32_t{0}, header);
  header = store_big_endian(sign, header);
  store_big_endian(static_cast<std::uint16_t>(scale), header);
  out.commit(kHeaderBytes);
}

/// The sign word of `NaN`, `inf` and so on; nothing for a number.
std::optional<std::uint16_t> special_sign(std::string_view text) {
  if (is_word(text, "nan")) return kNan;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (!is_word(text, "infinity") && !is_word(text, "inf")) return std::nullopt;
  return is_negative ? kNegativeInfinity : kInfinity;
}

}  // namespace

TextFit numeric_from_text(const Type& type, std::string_view text, Buffer& out) {
  if (const auto sign = special_sign(text); sign) {
    if (*sign != kNan && type.precision > 0) {
      return TextFit::out_of_range;
    }
    append_header(*sign, *sign == kNan ? 0 : kInfinityScale, out);
    return TextFit::fits;
  }
  const auto decimal = parse(text);
  if (!decimal) {
    return TextFit::malformed;
  }
  const auto written = static_cast<std::int64_t>(decimal->fraction.size()) - decimal->exponent;
  const std::int64_t scale =
      std::max<std::int64_t>(type.precision > 0 ? std::int64_t{type.scale} : written, 0);
  if (scale > kScaleMax) {
    return TextFit::out_of_range;
  }
  const Kept kept = cut(type, *decimal);
  if (kept.first == kept.last && !kept.rounds_up) {
    append_header(kPositive, scale, out);
    return TextFit::fits;
  }
  // One place more than the first digit, for what carries over.
  const std::int64_t top = kept.first < kept.last ? decimal->power(kept.first) : kept.lowest_power;
  if (floor_by_four(top) > kWeightMax) {
    return TextFit::out_of_range;
  }
  Groups groups(floor_by_four(top + 1), floor_by_four(kept.lowest_power), out);
  for (std::int64_t index = kept.first; index < kept.last; ++index) {
    groups.add(decimal->digit(index), decimal->power(index));
  }
  if (kept.rounds_up) {
    groups.add(1, kept.lowest_power);
  }
  groups.strip();
  if (groups.weight() > kWeightMax ||
      (type.precision > 0 && groups.whole_digits() > type.precision - type.scale)) {
    return TextFit::out_of_range;
  }
  groups.finish(decimal->is_negative, scale, out);
  return TextFit::fits;
}

}  // namespace rowferry
