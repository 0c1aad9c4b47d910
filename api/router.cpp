#include "api/router.hpp"

#include <fmt/format.h>

#include <boost/url/pct_string_view.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "api/reply.hpp"
#include "base/error.hpp"
#include "engine/control.hpp"

namespace rowferry::api {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, slash));
    path.remove_prefix(slash);
  }
  return segments;
}

std::optional<std::string> decoded(std::string_view text) {
  const auto checked = boost::urls::make_pct_string_view(text);
  if (!checked) {
    return std::nullopt;
  }
  return checked->decode();
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// The parameters of the path when it has the pattern's form.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  const auto wanted = segments_of(pattern);
  const auto given = segments_of(path);
  if (wanted.size() != given.size()) {
    return std::nullopt;
  }
  std::map<std::string, std::string> parameters;
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    const auto text = decoded(given[index]);
    const bool names = is_parameter(wanted[index]);
    if (!text || (names ? text->empty() : *text != wanted[index])) {
      return std::nullopt;
    }
    if (names) {
      parameters.emplace(wanted[index].substr(1, wanted[index].size() - 2), *text);
    }
  }
  return parameters;
}

int status_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_found:
      return 404;
    case Refusal::conflict:
      return 409;
    case Refusal::not_built:
      return 501;
    case Refusal::bad_request:
      return 400;
  }
  return 500;
}

void check_body(const Operation& operation, const Request& request) {
  if (operation.body.empty()) {
    return;
  }
  if (request.body.empty() && operation.is_body_required) {
    throw RequestError(400, "the body is missing");
  }
  if (!request.body.empty() && request.content_type != "application/json") {
    throw RequestError(415, "the body must be application/json");
  }
}

// RFC 6750 section 3.
Response access_refused(Access access, bool is_token_given) {
  const bool is_forbidden = access == Access::forbidden;
  Response response = is_forbidden ? problem_reply(403, "this token may look, but not operate")
                                   : problem_reply(401,
                                                   "a valid token is needed: Authorization: Bearer "
                                                   "<token>");
  std::string challenge = "Bearer realm=\"rowferry\"";
  if (is_forbidden) {
    challenge += ", error=\"insufficient_scope\", scope=\"operate\"";
  } else if (is_token_given) {
    challenge += ", error=\"invalid_token\"";
  }
  response.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  return response;
}

// Whoever knows GET knows HEAD.
Response not_allowed(std::set<std::string> methods) {
  if (methods.contains("GET")) {
    methods.insert("HEAD");
  }
  Response response = problem_reply(405, "this path does not know the method");
  response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
  return response;
}

}  // namespace

void Router::add_not_built(std::string method, std::string pattern, Scope scope,
                           Operation operation) {
  operation.refusals.push_back(501);
  // A plain function object: nothing is captured, so nothing can dangle in the coroutine.
  const Handler refuse = [](Request) -> Task<Response> {
    co_return problem_reply(501, "not built yet");
  };
  add({std::move(method), std::move(pattern), scope, refuse, std::move(operation)});
}

Verdict Router::find(const Request& head) const {
  const std::string wanted = head.method == "HEAD" ? "GET" : head.method;
  Verdict verdict;
  std::set<std::string> methods;
  for (const Route& route : routes_) {
    auto parameters = match(route.pattern, head.path);
    if (!parameters) {
      continue;
    }
    methods.insert(route.method);
    if (route.method == wanted && verdict.route == nullptr) {
      verdict.route = &route;
      verdict.parameters = std::move(*parameters);
    }
  }
  if (verdict.route == nullptr) {
    verdict.refusal = methods.empty() ? problem_reply(404, "no such path") : not_allowed(methods);
  }
  return verdict;
}

Verdict Router::judge(const Request& head) const {
  const OriginRules rules{admission_.tokens.configured(), admission_.is_loopback};
  Verdict refused;
  if (const auto foreign = foreign_origin(rules, head)) {
    refused.refusal = problem_reply(403, *foreign);
    return refused;
  }
  Verdict verdict = find(head);
  const Scope scope = verdict.route != nullptr ? verdict.route->scope : Scope::read;
  const Access access = check_access(admission_.tokens, scope, head.authorization);
  if (access == Access::granted) {
    return verdict;
  }
  refused.refusal = access_refused(access, !head.authorization.empty());
  return refused;
}

Task<Response> Router::call(const Route& route, Request request) const {
  try {
    check_query(route.operation, request.query);
    check_body(route.operation, request);
    co_return co_await route.handler(std::move(request));
  } catch (const RequestError& error) {
    co_return problem_reply(error.status(), error.what());
  } catch (const RefusedError& error) {
    co_return problem_reply(status_of(error.refusal()), error.what());
  } catch (const std::exception& error) {
    log_.error("a request failed", {{"route", route.pattern}, {"error", error.what()}});
    co_return problem_reply(500, "the request failed; the log says why");
  }
}

}  // namespace rowferry::api
