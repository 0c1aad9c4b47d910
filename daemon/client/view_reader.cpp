#include "daemon/client/view_reader.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace rowferry::client {
namespace {

namespace json = boost::json;

[[noreturn]] void fail(std::string_view what) {
  throw Error(
      Failure::transient,
      fmt::format("what answers is no rowferry daemon, or one of another version: {}", what));
}

const json::object& object_of(const json::value& value, std::string_view what) {
  if (!value.is_object()) {
    fail(fmt::format("{} is no object", what));
  }
  return value.get_object();
}

/// A member that stands there and is not null.
const json::value* find(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text(const json::object& object, std::string_view name) {
  const json::value* value = find(object, name);
  if (value == nullptr || !value->is_string()) {
    return {};
  }
  const json::string& found = value->get_string();
  return {found.data(), found.size()};
}

/// The same of what may be any JSON.
std::string json_text(const json::object& object, std::string_view name) {
  const json::value* value = find(object, name);
  return value == nullptr ? std::string() : json::serialize(*value);
}

std::optional<double> number(const json::object& object, std::string_view name) {
  const json::value* value = find(object, name);
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  return value->to_number<double>();
}

std::optional<std::int64_t> integer(const json::object& object, std::string_view name) {
  const json::value* value = find(object, name);
  if (value != nullptr && value->is_int64()) {
    return value->get_int64();
  }
  const std::optional<double> rounded = number(object, name);
  constexpr double kLimit = 9e18;
  return rounded && std::abs(*rounded) < kLimit ? std::optional(static_cast<std::int64_t>(*rounded))
                                                : std::nullopt;
}

std::optional<WallTime> time(const json::object& object, std::string_view name) {
  std::istringstream stream(text(object, name));
  WallTime found{};
  stream >> date::parse("%FT%TZ", found);
  return stream.fail() ? std::nullopt : std::optional(found);
}

Counters read_counters(const json::object& object) {
  Counters counters;
  counters.rows_read = integer(object, "rows_read").value_or(0);
  counters.rows_written = integer(object, "rows_written").value_or(0);
  counters.rows_deleted = integer(object, "rows_deleted").value_or(0);
  counters.rows_rejected = integer(object, "rows_rejected").value_or(0);
  counters.bytes_read = integer(object, "bytes_read").value_or(0);
  counters.bytes_written = integer(object, "bytes_written").value_or(0);
  return counters;
}

JobState read_state(const std::string& word) {
  for (const JobState state : {JobState::waiting, JobState::running, JobState::backing_off,
                               JobState::paused, JobState::failed}) {
    if (word == to_string(state)) {
      return state;
    }
  }
  fail(fmt::format("a job's state is '{}'", word));
}

Run read_plain_run(const json::object& object) {
  const auto type = parse_run_type(text(object, "type"));
  const auto state = parse_run_state(text(object, "state"));
  const auto id = integer(object, "id");
  if (!type || !state || !id) {
    fail("a run is without id, type or state");
  }
  Run run;
  run.id = *id;
  run.job = text(object, "job");
  run.run_seq = integer(object, "run_seq").value_or(0);
  run.type = *type;
  run.state = *state;
  run.started_at = time(object, "started_at").value_or(WallTime());
  run.finished_at = time(object, "finished_at");
  run.counters = read_counters(object);
  run.retries = integer(object, "retries").value_or(0);
  run.error = text(object, "error");
  run.report_json = json_text(object, "report");
  return run;
}

template <class View>
std::vector<View> read_items(const json::value& list, View (*read)(const json::value&)) {
  const json::value* items = find(object_of(list, "a list"), "items");
  if (items == nullptr || !items->is_array()) {
    fail("a list has no items");
  }
  std::vector<View> views;
  for (const json::value& item : items->get_array()) {
    views.push_back(read(item));
  }
  return views;
}

}  // namespace

JobView read_job(const json::value& value) {
  const json::object& object = object_of(value, "a job");
  JobView job;
  job.name = text(object, "name");
  job.state = read_state(text(object, "state"));
  job.source = text(object, "source");
  job.sink = text(object, "sink");
  job.schedule = text(object, "schedule");
  job.next_run_at = time(object, "next_run_at");
  job.lag_seconds = number(object, "lag_seconds");
  job.checkpoint_json = json_text(object, "checkpoint");
  if (const json::value* run = find(object, "last_run")) {
    job.last_run = read_plain_run(object_of(*run, "a run"));
  }
  if (const json::value* totals = find(object, "totals")) {
    job.totals = read_counters(object_of(*totals, "the totals of a job"));
  }
  job.guarantee = text(object, "guarantee");
  job.last_error = text(object, "last_error");
  return job;
}

RunView read_run(const json::value& value) {
  const json::object& object = object_of(value, "a run");
  RunView view;
  view.run = read_plain_run(object);
  if (const json::value* found = find(object, "progress")) {
    const json::object& progress = object_of(*found, "the progress of a run");
    view.run_rows_per_second = integer(progress, "rows_per_second").value_or(0);
    view.rows_expected = integer(progress, "rows_expected");
    view.eta_seconds = number(progress, "eta_seconds");
  }
  return view;
}

DeadLetter read_dead_letter(const json::value& value) {
  const json::object& object = object_of(value, "a dead letter");
  DeadLetter letter;
  letter.id = text(object, "id");
  letter.key_json = json_text(object, "key");
  letter.row_json = json_text(object, "row");
  letter.reason = text(object, "reason");
  letter.run = integer(object, "run").value_or(0);
  letter.time = time(object, "time").value_or(WallTime());
  letter.tries = integer(object, "tries").value_or(0);
  return letter;
}

std::int64_t read_dropped(const json::value& value) {
  const auto dropped = integer(object_of(value, "the number of dropped letters"), "dropped");
  if (!dropped) {
    fail("the number of dropped letters is missing");
  }
  return *dropped;
}

std::vector<JobView> read_jobs(const json::value& list) { return read_items(list, read_job); }
std::vector<RunView> read_runs(const json::value& list) { return read_items(list, read_run); }
std::vector<DeadLetter> read_dead_letters(const json::value& list) {
  return read_items(list, read_dead_letter);
}

}  // namespace rowferry::client
