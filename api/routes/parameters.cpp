#include <date/date.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <limits>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

// Whether a text begins like `form`, in which `0` stands for any digit.
bool has_form(std::string_view text, std::string_view form) {
  bool is_same = text.size() >= form.size();
  for (std::size_t index = 0; is_same && index < form.size(); ++index) {
    const bool is_digit = text[index] >= '0' && text[index] <= '9';
    is_same = form[index] == '0' ? is_digit : text[index] == form[index];
  }
  return is_same;
}

unsigned two_digits(std::string_view text, std::size_t at) {
  return static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
}

bool is_day(std::string_view text) {
  const int year = static_cast<int>(two_digits(text, 0) * 100 + two_digits(text, 2));
  return date::year_month_day(date::year(year), date::month(two_digits(text, 5)),
                              date::day(two_digits(text, 8)))
      .ok();
}

// `HH:MM:SS`; a leap second is one (RFC 3339 section 5.6).
bool is_time(std::string_view text) {
  return has_form(text, "00:00:00") && two_digits(text, 0) < 24 && two_digits(text, 3) < 60 &&
         two_digits(text, 6) <= 60;
}

bool is_offset(std::string_view text) {
  if (text == "Z" || text == "z") {
    return true;
  }
  const bool is_signed = text.size() == 6 && (text[0] == '+' || text[0] == '-');
  return is_signed && has_form(text.substr(1), "00:00") && two_digits(text, 1) < 24 &&
         two_digits(text, 4) < 60;
}

std::string_view without_fraction(std::string_view text) {
  if (!text.starts_with('.')) {
    return text;
  }
  const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
  return end > 1 ? text.substr(end) : text;
}

}  // namespace

std::int64_t number_parameter(const Request& request, const std::string& name,
                              std::int64_t fallback) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) {
    return fallback;
  }
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return parse_number(found->second, -kMax, kMax).value_or(fallback);
}

std::optional<std::string> text_parameter(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::nullopt : std::optional(found->second);
}

json::object object_body(const Request& request) {
  if (request.body.empty()) {
    return {};
  }
  json::error_code code;
  json::value body = json::parse(request.body, code);
  if (code || !body.is_object()) {
    throw RequestError(400, "the body is not a JSON object");
  }
  return body.as_object();
}

bool is_date(std::string_view text) {
  if (!has_form(text, "0000-00-00") || !is_day(text)) {
    return false;
  }
  std::string_view rest = text.substr(10);
  if (rest.empty()) {
    return true;
  }
  const bool is_separated = rest.front() == 'T' || rest.front() == 't';
  return is_separated && is_time(rest.substr(1)) && is_offset(without_fraction(rest.substr(9)));
}

}  // namespace rowferry::api
