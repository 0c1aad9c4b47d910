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

Response not_allowed(const std::set<std::string>& methods) {
  Response response = problem_reply(405, "this path does not know the method");
  response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
  return response;
}

}  // namespace

void Router::add_not_built(const std::string& method, const std::string& pattern, Scope scope) {
  // A plain function object: nothing is captured, so nothing can dangle in the coroutine.
  const Handler refuse = [](Request) -> Task<Response> {
    co_return problem_reply(501, "not built yet");
  };
  add({method, pattern, scope, refuse});
}

Task<Response> Router::answer(Request request) const {
  const std::string wanted = request.method == "HEAD" ? "GET" : request.method;
  const Route* found = nullptr;
  std::set<std::string> methods;
  for (const Route& route : routes_) {
    auto parameters = match(route.pattern, request.path);
    if (!parameters) {
      continue;
    }
    methods.insert(route.method);
    if (route.method == wanted && found == nullptr) {
      found = &route;
      request.parameters = std::move(*parameters);
    }
  }
  const Scope scope = found != nullptr ? found->scope : Scope::read;
  const Access access = check_access(tokens_, scope, request.authorization);
  if (access == Access::unauthenticated) {
    co_return problem_reply(401, "a valid token is needed: Authorization: Bearer <token>");
  }
  if (access == Access::forbidden) {
    co_return problem_reply(403, "this token may look, but not operate");
  }
  if (found == nullptr) {
    co_return methods.empty() ? problem_reply(404, "no such path") : not_allowed(methods);
  }
  co_return co_await call(*found, std::move(request));
}

Task<Response> Router::call(const Route& route, Request request) const {
  try {
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
