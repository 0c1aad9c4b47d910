#include "http/status.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string>

namespace rowferry::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kWaitMax{3600};
constexpr auto kRejected = std::to_array<unsigned>({400, 409, 411, 412, 414, 416, 417, 422, 431});

std::optional<seconds> wait_in_seconds(std::string_view value) {
  unsigned count = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (fault == std::errc::result_out_of_range) {
    return kWaitMax;
  }
  const bool whole = fault == std::errc() && end == value.data() + value.size();
  return whole ? std::optional(seconds(count)) : std::nullopt;
}

std::optional<seconds> wait_until_date(std::string_view value, WallTime now) {
  std::istringstream text{std::string(value)};
  date::sys_seconds moment;
  text >> date::parse("%a, %d %b %Y %H:%M:%S GMT", moment);
  if (text.fail()) {
    return std::nullopt;
  }
  return std::chrono::ceil<seconds>(moment.time_since_epoch() - now.time_since_epoch());
}

}  // namespace

Failure failure_of(unsigned status) {
  if (status == 413) {
    return Failure::too_large;
  }
  const bool rejected = std::ranges::find(kRejected, status) != kRejected.end();
  return rejected ? Failure::rejected : Failure::transient;
}

std::string reason_of(unsigned status) {
  const bool refuses_us = status == 401 || status == 403 || status == 407;
  return refuses_us ? "auth" : fmt::format("http_{}", status);
}

std::optional<milliseconds> retry_after(const Response& response, WallTime now) {
  const std::string_view value = response.header("Retry-After");
  if (value.empty()) {
    return std::nullopt;
  }
  auto wait = wait_in_seconds(value);
  if (!wait) {
    wait = wait_until_date(value, now);
  }
  return wait ? std::optional<milliseconds>(std::clamp(*wait, seconds(0), kWaitMax)) : std::nullopt;
}

}  // namespace rowferry::http
