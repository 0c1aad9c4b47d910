#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/auth.hpp"
#include "api/message.hpp"
#include "api/operation.hpp"
#include "api/origin.hpp"
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
  Operation operation = {};
};

/// Who may ask at all.
struct Admission {
  Tokens tokens;
  bool is_loopback = false;  ///< TCP that only this machine reaches
};

/// What becomes of a request: the route that answers it, or the refusal.
struct Verdict {
  const Route* route = nullptr;
  std::map<std::string, std::string> parameters;  ///< of the path
  Response refusal;                               ///< where there is no route
};

/// Finds the route of a request, checks its token, calls it, and turns every failure into a
/// problem document.
class Router {
 public:
  Router(Admission admission, Log& log) : admission_(std::move(admission)), log_(log) {}

  /// Other tokens from now on.
  void admit(Admission admission) { admission_ = std::move(admission); }

  void add(Route route) { routes_.push_back(std::move(route)); }
  /// A call of the contract that this version does not build: 501, known to 404 and 405.
  void add_not_built(std::string method, std::string pattern, Scope scope,
                     Operation operation = {});

  /// Judges a request by everything but its body. Never throws.
  [[nodiscard]] Verdict judge(const Request& head) const;

  /// Carries out a request that was judged to be for that route. Never throws.
  Task<Response> call(const Route& route, Request request) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
  /// Whether requests need a token.
  [[nodiscard]] bool asks_for_tokens() const { return admission_.tokens.configured(); }

 private:
  [[nodiscard]] Verdict find(const Request& head) const;

  Admission admission_;
  Log& log_;
  std::vector<Route> routes_;
};

}  // namespace rowferry::api
