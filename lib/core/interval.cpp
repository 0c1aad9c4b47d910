#include "core/interval.hpp"

#include <limits>

#include "base/big_endian.hpp"
#include "base/digits.hpp"
#include "core/calendar.hpp"
#include "core/time_text.hpp"

namespace rowferry {
namespace {

/// Writes the parts of an interval. A positive part after a negative one says its `+`; parts that
/// are zero are left out, but the time of day stands when it is alone.
class IntervalWriter {
 public:
  explicit IntervalWriter(char* out) : out_(out) {}

  void write_part(std::int64_t count, std::string_view unit) {
    if (count == 0) {
      return;
    }
    separate();
    if (after_negative_ && count > 0) {
      *out_++ = '+';
    }
    out_ = write_integer(count, out_);
    out_ = write_text(unit, out_);
    if (count != 1) {
      *out_++ = 's';
    }
    after_negative_ = count < 0;
  }

  void write_time(std::int64_t microseconds) {
    if (microseconds == 0 && !is_empty_) {
      return;
    }
    separate();
    if (microseconds < 0) {
      *out_++ = '-';
    } else if (after_negative_) {
      *out_++ = '+';
    }
    constexpr std::uint64_t kPerHour = 3600 * kMicrosecondsPerSecond;
    const std::uint64_t magnitude = microseconds < 0 ? 0 - static_cast<std::uint64_t>(microseconds)
                                                     : static_cast<std::uint64_t>(microseconds);
    const std::uint64_t hours = magnitude / kPerHour;
    out_ = hours < 10 ? write_two_digits(static_cast<unsigned>(hours), out_)
                      : write_integer(hours, out_);
    *out_++ = ':';
    write_seconds(magnitude % kPerHour);
  }

  [[nodiscard]] char* end() const { return out_; }

 private:
  void separate() {
    if (!is_empty_) {
      *out_++ = ' ';
    }
    is_empty_ = false;
  }

  /// Minutes, seconds and their fraction, from the microseconds of an hour.
  void write_seconds(std::uint64_t microseconds) {
    const auto seconds = static_cast<unsigned>(microseconds / kMicrosecondsPerSecond);
    out_ = write_two_digits(seconds / 60, out_);
    *out_++ = ':';
    out_ = write_two_digits(seconds % 60, out_);
    out_ = write_fraction(static_cast<std::uint32_t>(microseconds % kMicrosecondsPerSecond), out_);
  }

  char* out_;
  bool is_empty_ = true;
  bool after_negative_ = false;
};

}  // namespace

Interval load_interval(const char* bytes) {
  return {load_big_endian<std::int64_t>(bytes), load_big_endian<std::int32_t>(bytes + 8),
          load_big_endian<std::int32_t>(bytes + 12)};
}

char* store_interval(const Interval& interval, char* bytes) {
  bytes = store_big_endian(interval.microseconds, bytes);
  bytes = store_big_endian(interval.days, bytes);
  return store_big_endian(interval.months, bytes);
}

Interval infinite_interval(bool negative) {
  using Small = std::numeric_limits<std::int32_t>;
  using Large = std::numeric_limits<std::int64_t>;
  return negative ? Interval{Large::min(), Small::min(), Small::min()}
                  : Interval{Large::max(), Small::max(), Small::max()};
}

char* write_interval(const Interval& interval, char* out) {
  for (const bool negative : {false, true}) {
    if (interval == infinite_interval(negative)) {
      return write_text(negative ? "-infinity" : "infinity", out);
    }
  }
  IntervalWriter writer(out);
  writer.write_part(interval.months / 12, " year");
  writer.write_part(interval.months % 12, " mon");
  writer.write_part(interval.days, " day");
  writer.write_time(interval.microseconds);
  return writer.end();
}

}  // namespace rowferry
