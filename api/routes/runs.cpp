#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <limits>
#include <optional>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t kRunsMax = 1000;
constexpr std::int64_t kIdMax = std::numeric_limits<std::int64_t>::max();

// A text of the body; nothing when it is absent or null.
std::optional<std::string> text_member(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return std::nullopt;
  }
  if (!value->is_string()) {
    throw RequestError(400, fmt::format("{}: expected a string", name));
  }
  return std::string(value->as_string());
}

std::string date_member(const json::object& body, std::string_view name) {
  const std::optional<std::string> text = text_member(body, name);
  if (text && !is_date(*text)) {
    throw RequestError(
        400, fmt::format("{}: expected a date such as 2024-01-31 or 2024-01-31T12:00:00Z", name));
  }
  return text.value_or("");
}

RunType type_member(const json::object& body) {
  const auto type = parse_run_type(text_member(body, "type").value_or("sync"));
  if (!type) {
    throw RequestError(400,
                       "type: expected sync, full, backfill, reconcile, validate, rebuild, "
                       "rollback, sweep or replay");
  }
  return *type;
}

RunRequest parse_run_request(const Request& request) {
  const json::object body = object_body(request);
  for (const auto& member : body) {
    const std::string_view name(member.key());
    if (name != "type" && name != "from" && name != "to") {
      throw RequestError(400, "unknown member in the body; known: type, from, to");
    }
  }
  RunRequest wanted;
  wanted.type = type_member(body);
  wanted.from = date_member(body, "from");
  wanted.to = date_member(body, "to");
  return wanted;
}

Task<Response> start_run(Control& control, Request request) {
  RunRequest wanted = parse_run_request(request);
  const RunView run = co_await control.start_run(request.parameters["job"], std::move(wanted));
  Response response = json_reply(202, run_json(run));
  response.headers.emplace_back("Location", fmt::format("/v1/runs/{}", run.run.id));
  co_return response;
}

RunQuery parse_query(const Request& request) {
  RunQuery query;
  query.job = text_parameter(request, "job");
  if (const auto state = text_parameter(request, "state")) {
    query.state = parse_run_state(*state);
  }
  query.limit = static_cast<std::size_t>(number_parameter(request, "limit", 100));
  if (request.query.contains("before")) {
    query.before = number_parameter(request, "before", 0);
  }
  return query;
}

Task<Response> list_runs(Control& control, Request request) {
  const RunQuery query = parse_query(request);
  const std::vector<RunView> runs = co_await control.runs(query);
  json::array items;
  for (const RunView& run : runs) {
    items.push_back(run_json(run));
  }
  json::value next = nullptr;
  if (runs.size() == query.limit) {
    next = runs.back().run.id;
  }
  co_return json_reply(200, json::object{{"items", std::move(items)}, {"next", std::move(next)}});
}

std::int64_t run_id(const Request& request) {
  const auto id = parse_number(request.parameters.at("id"), 1, kIdMax);
  if (!id) {
    throw RequestError(400, "the id of a run is a whole number from 1");
  }
  return *id;
}

Task<Response> show_run(Control& control, Request request) {
  const RunView run = co_await control.run(run_id(request));
  co_return json_reply(200, run_json(run));
}

Task<Response> cancel_run(Control& control, Request request) {
  const RunView run = co_await control.cancel(run_id(request));
  co_return json_reply(202, run_json(run));
}

Operation starting() {
  return {.id = "startRun",
          .summary = "Start a run, or get the sync that goes on already",
          .body = "RunRequest",
          .status = 202,
          .answer = "Run",
          .refusals = {404, 409, 501}};
}

Operation listing() {
  using Kind = QueryParameter::Kind;
  return {.id = "listRuns",
          .summary = "The history, newest first",
          .query = {{.name = "job", .about = "Runs of this job."},
                    {.name = "state",
                     .about = "Runs in this state.",
                     .kind = Kind::word,
                     .words = {"queued", "running", "succeeded", "failed", "cancelled"}},
                    {.name = "limit",
                     .about = "At most so many.",
                     .kind = Kind::number,
                     .minimum = 1,
                     .maximum = kRunsMax,
                     .fallback = 100},
                    {.name = "before",
                     .about = "Runs older than the one of this id.",
                     .kind = Kind::number,
                     .minimum = 1,
                     .maximum = kIdMax}},
          .answer = "RunList",
          .refusals = {404}};
}

Operation showing() {
  return {.id = "getRun", .summary = "One run", .answer = "Run", .refusals = {404}};
}

Operation cancelling() {
  return {.id = "cancelRun",
          .summary = "Stop a run after the batch in flight",
          .status = 202,
          .answer = "Run",
          .refusals = {404, 409}};
}

}  // namespace

void add_run_routes(Router& router, Control& control) {
  router.add({"POST", "/v1/jobs/{job}/runs", Scope::operate,
              [&control](Request request) { return start_run(control, std::move(request)); },
              starting()});
  router.add({"GET", "/v1/runs", Scope::read,
              [&control](Request request) { return list_runs(control, std::move(request)); },
              listing()});
  router.add({"GET", "/v1/runs/{id}", Scope::read,
              [&control](Request request) { return show_run(control, std::move(request)); },
              showing()});
  router.add({"DELETE", "/v1/runs/{id}", Scope::operate,
              [&control](Request request) { return cancel_run(control, std::move(request)); },
              cancelling()});
}

}  // namespace rowferry::api
