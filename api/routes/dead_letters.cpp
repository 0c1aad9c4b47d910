#include <boost/json/array.hpp>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLettersMax = 1000;

Task<Response> list_dead_letters(Control& control, Request request) {
  allow_parameters(request, {"limit", "reason"});
  DeadLetterQuery query;
  query.job = request.parameters["job"];
  query.limit = static_cast<std::size_t>(number_parameter(request, "limit", 100, 1, kLettersMax));
  if (const auto reason = request.query.find("reason"); reason != request.query.end()) {
    query.reason = reason->second;
  }
  const std::vector<DeadLetter> letters = co_await control.dead_letters(query);
  json::array items;
  for (const DeadLetter& letter : letters) {
    items.push_back(dead_letter_json(letter));
  }
  co_return json_reply(200, json::object{{"items", std::move(items)}, {"next", nullptr}});
}

}  // namespace

void add_dead_letter_routes(Router& router, Control& control) {
  router.add({"GET", "/v1/jobs/{job}/dead-letters", Scope::read, [&control](Request request) {
                return list_dead_letters(control, std::move(request));
              }});
  router.add_not_built("POST", "/v1/jobs/{job}/dead-letters/replay", Scope::operate);
  router.add_not_built("DELETE", "/v1/jobs/{job}/dead-letters", Scope::operate);
}

}  // namespace rowferry::api
