#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

json::array items_json(const std::vector<Readiness::Item>& items) {
  json::array array;
  for (const auto& item : items) {
    array.push_back(json::object{{"name", item.name}, {"reason", item.reason}});
  }
  return array;
}

Response text_reply(std::string body, std::string content_type) {
  Response response;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

Response readiness_reply(const Readiness& readiness) {
  const bool ready = readiness.connections.empty() && readiness.jobs.empty();
  const json::object body{{"ready", ready},
                          {"connections", items_json(readiness.connections)},
                          {"jobs", items_json(readiness.jobs)}};
  return json_reply(ready ? 200 : 503, body);
}

// Until the dashboard exists: a page that says where things are.
constexpr std::string_view kPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>rowferry</title>"
    "<h1>rowferry</h1><p>Look at <a href=\"v1/jobs\">the jobs</a>, <a href=\"v1/runs\">the runs"
    "</a>, <a href=\"readyz\">readiness</a> and <a href=\"metrics\">the metrics</a>.</p></html>\n";

}  // namespace

void add_health_routes(Router& router, Control& control, Version version) {
  router.add({"GET", "/livez", Scope::open, [](Request) -> Task<Response> {
                co_return json_reply(200, json::object{{"live", true}});
              }});
  router.add({"GET", "/readyz", Scope::open, [&control](Request) -> Task<Response> {
                co_return readiness_reply(control.readiness());
              }});
  router.add({"GET", "/metrics", Scope::read, [&control](Request) -> Task<Response> {
                co_return text_reply(control.metrics(), "text/plain; version=0.0.4; charset=utf-8");
              }});
  router.add({"GET", "/version", Scope::open, [version](Request) -> Task<Response> {
                co_return json_reply(200, json::object{{"version", version.version},
                                                       {"revision", version.revision}});
              }});
  router.add({"GET", "/", Scope::open, [](Request) -> Task<Response> {
                co_return text_reply(std::string(kPage), "text/html; charset=utf-8");
              }});
  router.add_not_built("GET", "/v1/openapi.json", Scope::read);
  router.add_not_built("GET", "/v1/events", Scope::read);
}

}  // namespace rowferry::api
