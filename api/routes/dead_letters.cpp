#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLettersMax = 1000;

QueryParameter reason_parameter() {
  return {.name = "reason", .about = "Letters whose reason has this in it."};
}

Operation listing() {
  return {.id = "listDeadLetters",
          .summary = "Rows that the sink refused for good, newest first",
          .query = {{.name = "limit",
                     .about = "At most so many.",
                     .kind = QueryParameter::Kind::number,
                     .minimum = 1,
                     .maximum = kLettersMax,
                     .fallback = 100},
                    reason_parameter()},
          .answer = "DeadLetterList",
          .refusals = {404}};
}

Operation replaying() {
  return {.id = "replayDeadLetters",
          .summary = "Send dead letters again, never over a newer state",
          .query = {reason_parameter()},
          .status = 202,
          .answer = "Run",
          .refusals = {404, 409}};
}

Operation dropping() {
  return {.id = "dropDeadLetters",
          .summary = "Forget dead letters",
          .query = {reason_parameter()},
          .answer = "Dropped",
          .refusals = {404, 409}};
}

Task<Response> list_dead_letters(Control& control, Request request) {
  DeadLetterQuery query;
  query.job = request.parameters["job"];
  query.limit = static_cast<std::size_t>(number_parameter(request, "limit", 100));
  query.reason = text_parameter(request, "reason");
  const std::vector<DeadLetter> letters = co_await control.dead_letters(query);
  json::array items;
  for (const DeadLetter& letter : letters) {
    items.push_back(dead_letter_json(letter));
  }
  co_return json_reply(200, json::object{{"items", std::move(items)}, {"next", nullptr}});
}

Task<Response> replay(Control& control, Request request) {
  std::string job = request.parameters["job"];
  std::string reason = text_parameter(request, "reason").value_or("");
  const RunView run = co_await control.replay(std::move(job), std::move(reason));
  Response response = json_reply(202, run_json(run));
  response.headers.emplace_back("Location", fmt::format("/v1/runs/{}", run.run.id));
  co_return response;
}

Task<Response> drop(Control& control, Request request) {
  std::string job = request.parameters["job"];
  std::string reason = text_parameter(request, "reason").value_or("");
  const std::size_t dropped = co_await control.drop_dead_letters(std::move(job), std::move(reason));
  const json::object answer{{"dropped", dropped}};
  co_return json_reply(200, answer);
}

}  // namespace

void add_dead_letter_routes(Router& router, Control& control) {
  router.add(
      {"GET", "/v1/jobs/{job}/dead-letters", Scope::read,
       [&control](Request request) { return list_dead_letters(control, std::move(request)); },
       listing()});
  router.add({"POST", "/v1/jobs/{job}/dead-letters/replay", Scope::operate,
              [&control](Request request) { return replay(control, std::move(request)); },
              replaying()});
  router.add({"DELETE", "/v1/jobs/{job}/dead-letters", Scope::operate,
              [&control](Request request) { return drop(control, std::move(request)); },
              dropping()});
}

}  // namespace rowferry::api
