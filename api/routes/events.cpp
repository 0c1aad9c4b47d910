#include <memory>
#include <utility>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"

namespace rowferry::api {
namespace {

Operation listening() {
  Operation operation;
  operation.id = "listen";
  operation.summary =
      "Server-sent events: `job` with a Job, for all jobs at the start and for each that changes "
      "from then on; `run` with a Run for each that changes; `gone` with the name of a job that a "
      "new configuration left out";
  operation.media_type = "text/event-stream";
  operation.refusals = {503};
  return operation;
}

Response stream_to(const std::shared_ptr<EventListener>& listener) {
  Response response;
  response.content_type = "text/event-stream";
  // Proxies must not wait for an end.
  response.headers.emplace_back("X-Accel-Buffering", "no");
  BodyStream stream;
  stream.next = [listener] { return listener->next(); };
  stream.close = [listener] { listener->close(); };
  response.stream = std::move(stream);
  return response;
}

}  // namespace

void add_event_routes(Router& router, EventFeed& feed) {
  router.add({"GET", "/v1/events", Scope::read,
              [&feed](Request) -> Task<Response> {
                const std::shared_ptr<EventListener> listener = feed.listen();
                if (!listener) {
                  throw RequestError(503, "too many listen already; try again");
                }
                co_return stream_to(listener);
              },
              listening()});
}

}  // namespace rowferry::api
