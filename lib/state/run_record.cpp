#include "state/run_record.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

constexpr auto kCounters = std::to_array<std::pair<std::string_view, std::int64_t Counters::*>>({
    {"rows_read", &Counters::rows_read},
    {"rows_written", &Counters::rows_written},
    {"rows_deleted", &Counters::rows_deleted},
    {"rows_rejected", &Counters::rows_rejected},
    {"bytes_read", &Counters::bytes_read},
    {"bytes_written", &Counters::bytes_written},
});

constexpr auto kTexts = std::to_array<std::pair<std::string_view, std::string Run::*>>({
    {"from", &Run::from},
    {"to", &Run::to},
    {"error", &Run::error},
    {"report", &Run::report_json},
});

json::string_view key_of(std::string_view text) { return {text.data(), text.size()}; }

std::string_view text_at(const json::object& record, std::string_view key) {
  const json::string& text = record.at(key_of(key)).as_string();
  return {text.data(), text.size()};
}

/// The number in a text that has digits at a fixed place.
int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  const char* const begin = text.data() + at;
  const auto end = std::from_chars(begin, begin + count, number);
  if (end.ec != std::errc() || end.ptr != begin + count) {
    throw Error(Failure::internal, fmt::format("no time in UTC: '{}'", text));
  }
  return number;
}

Run read_run(const json::object& record) {
  Run run;
  run.id = record.at("id").as_int64();
  run.job = text_at(record, "job");
  run.run_seq = record.at("run_seq").as_int64();
  run.type = parse_run_type(text_at(record, "type")).value_or(RunType::sync);
  run.state = parse_run_state(text_at(record, "state")).value_or(RunState::failed);
  run.started_at = parse_utc_text(text_at(record, "started_at"));
  if (record.contains("finished_at")) {
    run.finished_at = parse_utc_text(text_at(record, "finished_at"));
  }
  for (const auto& [name, counter] : kCounters) {
    run.counters.*counter = record.at(key_of(name)).as_int64();
  }
  run.retries = record.at("retries").as_int64();
  for (const auto& [name, text] : kTexts) {
    run.*text = record.contains(key_of(name)) ? text_at(record, name) : "";
  }
  return run;
}

}  // namespace

json::object to_record(const Run& run) {
  const auto text = [](std::string_view word) { return json::string(word.data(), word.size()); };
  json::object record{{"id", run.id},
                      {"job", run.job},
                      {"run_seq", run.run_seq},
                      {"type", text(to_string(run.type))},
                      {"state", text(to_string(run.state))},
                      {"started_at", utc_text(run.started_at)}};
  if (run.finished_at) {
    record["finished_at"] = utc_text(*run.finished_at);
  }
  for (const auto& [name, counter] : kCounters) {
    record[key_of(name)] = run.counters.*counter;
  }
  record["retries"] = run.retries;
  for (const auto& [name, member] : kTexts) {
    if (!(run.*member).empty()) {
      record[key_of(name)] = run.*member;
    }
  }
  return record;
}

Run run_of(const json::object& record) {
  try {
    return read_run(record);
  } catch (const std::exception& cause) {
    throw Error(Failure::internal, fmt::format("not a run: {}", cause.what()));
  }
}

std::string utc_text(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

WallTime parse_utc_text(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kForm.size()) {
    throw Error(Failure::internal, fmt::format("no time in UTC: '{}'", text));
  }
  const std::chrono::year_month_day date(
      std::chrono::year(digits_at(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(digits_at(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(digits_at(text, 8, 2))));
  return std::chrono::sys_days(date) + std::chrono::hours(digits_at(text, 11, 2)) +
         std::chrono::minutes(digits_at(text, 14, 2)) +
         std::chrono::seconds(digits_at(text, 17, 2)) +
         std::chrono::microseconds(digits_at(text, 20, 6));
}

}  // namespace rowferry
