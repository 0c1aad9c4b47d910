#include "api/views.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <cmath>

namespace rowferry::api {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<WallTime>& time) {
  return time ? json::value(rfc3339(*time)) : json::value(nullptr);
}

double to_milliseconds(double seconds) { return std::round(seconds * 1000) / 1000; }

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

// A text that should be JSON; kept as a string when it is not.
json::value parsed(const std::string& text) {
  if (text.empty()) {
    return nullptr;
  }
  json::error_code code;
  json::value value = json::parse(text, code);
  return code ? json::value(text) : value;
}

json::object progress_json(const RunView& view) {
  json::object progress{{"rows_per_second", view.run_rows_per_second}};
  progress["rows_expected"] =
      view.rows_expected ? json::value(*view.rows_expected) : json::value(nullptr);
  progress["eta_seconds"] =
      view.eta_seconds ? json::value(std::round(*view.eta_seconds)) : json::value(nullptr);
  return progress;
}

void add_counters(json::object& object, const Counters& counters) {
  object["rows_read"] = counters.rows_read;
  object["rows_written"] = counters.rows_written;
  object["rows_deleted"] = counters.rows_deleted;
  object["rows_rejected"] = counters.rows_rejected;
  object["bytes_written"] = counters.bytes_written;
}

}  // namespace

std::string rfc3339(WallTime time) { return date::format("%FT%TZ", time); }

json::object run_json(const RunView& view) {
  const Run& run = view.run;
  json::object object{{"id", run.id},
                      {"job", run.job},
                      {"run_seq", run.run_seq},
                      {"type", to_string(run.type)},
                      {"state", to_string(run.state)},
                      {"started_at", rfc3339(run.started_at)},
                      {"finished_at", time_or_null(run.finished_at)}};
  add_counters(object, run.counters);
  object["retries"] = run.retries;
  object["progress"] =
      run.state == RunState::running ? json::value(progress_json(view)) : json::value(nullptr);
  object["error"] = text_or_null(run.error);
  object["report"] = parsed(run.report_json);
  return object;
}

json::object job_json(const JobView& view) {
  json::object totals;
  add_counters(totals, view.totals);
  totals["bytes_read"] = view.totals.bytes_read;
  json::object object{{"name", view.name},         {"state", to_string(view.state)},
                      {"source", view.source},     {"sink", view.sink},
                      {"schedule", view.schedule}, {"next_run_at", time_or_null(view.next_run_at)}};
  object["lag_seconds"] =
      view.lag_seconds ? json::value(to_milliseconds(*view.lag_seconds)) : json::value(nullptr);
  object["checkpoint"] = parsed(view.checkpoint_json);
  object["last_run"] = nullptr;
  if (view.last_run) {
    RunView last;
    last.run = *view.last_run;
    json::object run = run_json(last);
    // How fast it goes is known of the run itself only: nothing is better than zeros.
    run["progress"] = nullptr;
    object["last_run"] = std::move(run);
  }
  object["totals"] = std::move(totals);
  object["guarantee"] = text_or_null(view.guarantee);
  object["last_error"] = text_or_null(view.last_error);
  return object;
}

json::object dead_letter_json(const DeadLetter& letter) {
  return json::object{{"id", letter.id},
                      {"key", parsed(letter.key_json)},
                      {"row", parsed(letter.row_json)},
                      {"reason", letter.reason},
                      {"run", letter.run},
                      {"time", rfc3339(letter.time)},
                      {"tries", letter.tries}};
}

}  // namespace rowferry::api
