#include "api/openapi.hpp"

#include "api/reply.hpp"
#include "api/routes/routes.hpp"

namespace rowferry::api {

void add_openapi_route(Router& router, const Version& version) {
  Operation operation;
  operation.id = "getOpenApi";
  operation.summary = "This document";
  operation.answer = "OpenApi";
  router.add({"GET", "/v1/openapi.json", Scope::read,
              [&router, text = version.version](Request) -> Task<Response> {
                co_return json_reply(
                    200, openapi_document(router.routes(), text, router.asks_for_tokens()));
              },
              operation});
}

}  // namespace rowferry::api
