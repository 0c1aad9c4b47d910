#include "tests/integration/types/differences.hpp"

#include <fmt/format.h>

#include "pq/quote.hpp"

namespace rowferry::test {
namespace {

std::string replaced(const std::string& text, const std::string& pattern, const std::string& by) {
  return fmt::format("regexp_replace({}, {}, {}, 'g')", text, pq::quote_literal(pattern),
                     pq::quote_literal(by));
}

/// Years before 1 and after 9999 are the server's text: no T between date and time, no minutes in
/// the zone. Of an array only to_json's text is at hand.
std::string timestamps_json(bool is_array) {
  if (!is_array) {
    return "CASE WHEN isfinite(v) AND (v < '0001-01-01' OR v >= '10000-01-01') "
           "THEN to_json(v::text)::text ELSE to_json(v)::text END";
  }
  std::string json = replaced("to_json(v)::text", R"("(\d{5,}-\d\d-\d\d)T)", R"("\1 )");
  json = replaced(json, R"("(\d{4}-\d\d-\d\d)T([0-9:.+]+ BC"))", R"("\1 \2)");
  return replaced(json, R"(( [0-9:.]+)\+00:00)", R"(\1+00)");
}

}  // namespace

Printed printed(const TypeCase& type) {
  Printed same{.text = "v::text", .json = "to_json(v)::text"};
  if (!type.is_closed) {
    // Enums, ranges, composites, unknown types and arrays of them: the server's text in a string.
    same.json = "to_json(v::text)::text";
    return same;
  }
  std::string element = type.base.empty() ? type.type : type.base;
  const bool is_array = element.ends_with("[]");
  if (is_array) {
    element.resize(element.size() - 2);
  }
  if (element.starts_with("char(") && !is_array) {
    // The cast takes the trailing blanks off; COPY, to_json and we keep them.
    same.text = "textin(bpcharout(v))";
  } else if (element == "json") {
    // On one line: a line end between its tokens is a blank.
    same.json = R"(translate(to_json(v)::text, E'\r\n', '  '))";
  } else if (element == "timestamp" || element == "timestamptz") {
    same.json = timestamps_json(is_array);
  }
  return same;
}

}  // namespace rowferry::test
