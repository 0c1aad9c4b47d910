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
                          {"jobs", items_json(readiness.jobs)},
                          {"failed_jobs", items_json(readiness.failed_jobs)},
                          {"backing_off_jobs", items_json(readiness.backing_off_jobs)}};
  return json_reply(ready ? 200 : 503, body);
}

Operation watching(std::string id, std::string summary, std::string answer) {
  Operation operation;
  operation.id = std::move(id);
  operation.summary = std::move(summary);
  operation.takes_any_query = true;
  operation.answer = std::move(answer);
  return operation;
}

Operation measuring() {
  Operation operation = watching("getMetrics", "Metrics in Prometheus' text format", "");
  operation.media_type = "text/plain";
  return operation;
}

Operation asking_readiness() {
  Operation operation = watching("getReadiness", "Whether all connections answer", "Readiness");
  operation.other_statuses = {503};
  return operation;
}

}  // namespace

void add_health_routes(Router& router, Control& control, Version version) {
  router.add({"GET", "/livez", Scope::open,
              [](Request) -> Task<Response> {
                co_return json_reply(200, json::object{{"live", true}});
              },
              watching("getLiveness", "Whether the event loop turns", "Live")});
  router.add(
      {"GET", "/readyz", Scope::open,
       [&control](Request) -> Task<Response> { co_return readiness_reply(control.readiness()); },
       asking_readiness()});
  router.add({"GET", "/metrics", Scope::read,
              [&control](Request) -> Task<Response> {
                co_return text_reply(control.metrics(), "text/plain; version=0.0.4; charset=utf-8");
              },
              measuring()});
  router.add({"GET", "/version", Scope::open,
              [version](Request) -> Task<Response> {
                co_return json_reply(200, json::object{{"version", version.version},
                                                       {"revision", version.revision}});
              },
              watching("getVersion", "What runs here", "Version")});
}

}  // namespace rowferry::api
