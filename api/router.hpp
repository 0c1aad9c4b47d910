#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/auth.hpp"
#include "api/message.hpp"
#include "base/log.hpp"
#include "base/task.hpp"

namespace rowferry::api {

/// Answers one request; throws RequestError or RefusedError for what the caller did wrong.
using Handler = std::function<Task<Response>(Request request)>;

/// One line of the route table.
struct Route {
  std::string method;
  std::string pattern;  ///< `/v1/jobs/{job}/runs`
  Scope scope = Scope::read;
  Handler handler;
};

/// Finds the route of a request, checks its token, calls it, and turns every failure into a
/// problem document.
class Router {
 public:
  Router(Tokens tokens, Log& log) : tokens_(std::move(tokens)), log_(log) {}

  void add(Route route) { routes_.push_back(std::move(route)); }
  /// A call of the contract that this version does not build: 501, known to 404 and 405.
  void add_not_built(const std::string& method, const std::string& pattern, Scope scope);

  /// Never throws.
  Task<Response> answer(Request request) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  Task<Response> call(const Route& route, Request request) const;

  Tokens tokens_;
  Log& log_;
  std::vector<Route> routes_;
};

}  // namespace rowferry::api
