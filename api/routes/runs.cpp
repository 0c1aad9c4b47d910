#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <limits>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t kRunsMax = 1000;

json::object parse_body(const Request& request) {
  if (request.body.empty()) {
    return {};
  }
  if (request.content_type != "application/json") {
    throw RequestError(415, "the body must be application/json");
  }
  json::error_code code;
  json::value body = json::parse(request.body, code);
  if (code || !body.is_object()) {
    throw RequestError(400, "the body is not a JSON object");
  }
  return body.as_object();
}

// A date, or a date and time, as ISO 8601 writes them.
void require_date(const std::string& name, std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  bool good = text.size() >= kForm.size();
  for (std::size_t index = 0; good && index < kForm.size(); ++index) {
    const bool digit = text[index] >= '0' && text[index] <= '9';
    good = kForm[index] == 'd' ? digit : text[index] == '-';
  }
  if (!good) {
    throw RequestError(400, fmt::format("{}: expected a date such as 2024-01-31", name));
  }
}

std::string text_member(const json::object& body, const std::string& name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return {};
  }
  if (!value->is_string()) {
    throw RequestError(400, fmt::format("{}: expected a string", name));
  }
  return std::string(value->as_string());
}

RunRequest parse_run_request(const Request& request) {
  const json::object body = parse_body(request);
  for (const auto& member : body) {
    const std::string_view name(member.key());
    if (name != "type" && name != "from" && name != "to") {
      throw RequestError(400, "unknown member in the body; known: type, from, to");
    }
  }
  RunRequest wanted;
  const std::string type = text_member(body, "type");
  if (!type.empty()) {
    const auto parsed = parse_run_type(type);
    if (!parsed) {
      throw RequestError(400,
                         "type: expected sync, full, backfill, reconcile, validate, rebuild, "
                         "rollback or sweep");
    }
    wanted.type = *parsed;
  }
  wanted.from = text_member(body, "from");
  wanted.to = text_member(body, "to");
  for (const auto& [name, text] : {std::pair{"from", wanted.from}, std::pair{"to", wanted.to}}) {
    if (!text.empty()) {
      require_date(name, text);
    }
  }
  return wanted;
}

Task<Response> start_run(Control& control, Request request) {
  allow_parameters(request, {});
  RunRequest wanted = parse_run_request(request);
  const RunView run = co_await control.start_run(request.parameters["job"], std::move(wanted));
  Response response = json_reply(202, run_json(run));
  response.headers.emplace_back("Location", fmt::format("/v1/runs/{}", run.run.id));
  co_return response;
}

RunQuery parse_query(const Request& request) {
  allow_parameters(request, {"job", "state", "limit", "before"});
  RunQuery query;
  if (const auto job = request.query.find("job"); job != request.query.end()) {
    query.job = job->second;
  }
  if (const auto state = request.query.find("state"); state != request.query.end()) {
    query.state = parse_run_state(state->second);
    if (!query.state) {
      throw RequestError(400, "state: expected queued, running, succeeded, failed or cancelled");
    }
  }
  query.limit = static_cast<std::size_t>(number_parameter(request, "limit", 100, 1, kRunsMax));
  if (request.query.contains("before")) {
    query.before =
        number_parameter(request, "before", 0, 1, std::numeric_limits<std::int64_t>::max());
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
  Request by_name;
  by_name.query.emplace("id", request.parameters.at("id"));
  return number_parameter(by_name, "id", 0, 1, std::numeric_limits<std::int64_t>::max());
}

Task<Response> show_run(Control& control, Request request) {
  allow_parameters(request, {});
  const RunView run = co_await control.run(run_id(request));
  co_return json_reply(200, run_json(run));
}

Task<Response> cancel_run(Control& control, Request request) {
  allow_parameters(request, {});
  const RunView run = co_await control.cancel(run_id(request));
  co_return json_reply(202, run_json(run));
}

}  // namespace

void add_run_routes(Router& router, Control& control) {
  router.add({"POST", "/v1/jobs/{job}/runs", Scope::operate,
              [&control](Request request) { return start_run(control, std::move(request)); }});
  router.add({"GET", "/v1/runs", Scope::read,
              [&control](Request request) { return list_runs(control, std::move(request)); }});
  router.add({"GET", "/v1/runs/{id}", Scope::read,
              [&control](Request request) { return show_run(control, std::move(request)); }});
  router.add({"DELETE", "/v1/runs/{id}", Scope::operate,
              [&control](Request request) { return cancel_run(control, std::move(request)); }});
}

}  // namespace rowferry::api
