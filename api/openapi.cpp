#include "api/openapi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <string_view>

#include "api/embedded.hpp"
#include "api/reply.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

json::object schema_of(const std::string& name) {
  return {{"$ref", "#/components/schemas/" + name}};
}

json::object content(const std::string& media_type, json::object schema) {
  return {{media_type, json::object{{"schema", std::move(schema)}}}};
}

json::object problem(std::string_view description) {
  return {{"description", description},
          {"content", content("application/problem+json", schema_of("Problem"))}};
}

json::object path_parameter(std::string_view name) {
  json::object schema{{"type", "string"}, {"pattern", "^[A-Za-z0-9_.-]+$"}};
  if (name == "id") {
    schema = {{"type", "integer"}, {"format", "int64"}, {"minimum", 1}};
  }
  return {{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}};
}

json::object query_schema(const QueryParameter& parameter) {
  json::object schema;
  switch (parameter.kind) {
    case QueryParameter::Kind::text:
      schema["type"] = "string";
      break;
    case QueryParameter::Kind::word:
      schema["enum"] = json::array(parameter.words.begin(), parameter.words.end());
      break;
    case QueryParameter::Kind::number:
      schema = {{"type", "integer"},
                {"format", "int64"},
                {"minimum", parameter.minimum},
                {"maximum", parameter.maximum}};
      if (parameter.fallback) {
        schema["default"] = *parameter.fallback;
      }
      break;
  }
  return schema;
}

// The names between braces.
std::vector<std::string> names_in(const std::string& pattern) {
  std::vector<std::string> names;
  std::size_t open = pattern.find('{');
  while (open != std::string::npos) {
    const std::size_t close = pattern.find('}', open);
    names.push_back(pattern.substr(open + 1, close - open - 1));
    open = pattern.find('{', close);
  }
  return names;
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  for (const std::string& name : names_in(route.pattern)) {
    parameters.push_back(path_parameter(name));
  }
  for (const QueryParameter& parameter : route.operation.query) {
    parameters.push_back(json::object{{"name", parameter.name},
                                      {"in", "query"},
                                      {"description", parameter.about},
                                      {"schema", query_schema(parameter)}});
  }
  return parameters;
}

json::object success(const Operation& operation, int status) {
  json::object answer{{"description", reason_phrase(status)}};
  if (status != 204) {
    json::object schema =
        operation.answer.empty() ? json::object{{"type", "string"}} : schema_of(operation.answer);
    answer["content"] = content(operation.media_type, std::move(schema));
  }
  return answer;
}

// Also what the server says before any route is asked.
std::set<int> refusals_of(const Route& route, bool asks_for_tokens) {
  const Operation& operation = route.operation;
  std::set<int> refusals(operation.refusals.begin(), operation.refusals.end());
  refusals.insert({400, 403});
  if (asks_for_tokens && route.scope != Scope::open) {
    refusals.insert(401);
  }
  if (!operation.body.empty()) {
    refusals.insert({413, 415});
  }
  return refusals;
}

json::object responses_of(const Route& route, bool asks_for_tokens) {
  const Operation& operation = route.operation;
  json::object responses{{std::to_string(operation.status), success(operation, operation.status)}};
  for (const int status : operation.other_statuses) {
    responses[std::to_string(status)] = success(operation, status);
  }
  for (const int status : refusals_of(route, asks_for_tokens)) {
    json::object& response = responses[std::to_string(status)].emplace_object();
    response = problem(reason_phrase(status));
    if (status == 401) {
      const json::object header{{"schema", json::object{{"type", "string"}}}};
      response["headers"] = json::object{{"WWW-Authenticate", header}};
    }
  }
  responses["default"] = problem("What else may go wrong");
  return responses;
}

json::array security_of(Scope scope, bool asks_for_tokens) {
  if (!asks_for_tokens || scope == Scope::open) {
    return {};
  }
  const json::object operate{{"operate", json::array{}}};
  const json::object read{{"read", json::array{}}};
  return scope == Scope::operate ? json::array{operate} : json::array{read, operate};
}

json::object operation_of(const Route& route, bool asks_for_tokens) {
  const Operation& operation = route.operation;
  json::object object{{"operationId", operation.id},
                      {"summary", operation.summary},
                      {"parameters", parameters_of(route)}};
  if (!operation.body.empty()) {
    object["requestBody"] =
        json::object{{"required", operation.is_body_required},
                     {"content", content("application/json", schema_of(operation.body))}};
  }
  object["responses"] = responses_of(route, asks_for_tokens);
  object["security"] = security_of(route.scope, asks_for_tokens);
  return object;
}

json::object security_schemes() {
  const auto bearer = [](std::string_view description) {
    return json::object{{"type", "http"}, {"scheme", "bearer"}, {"description", description}};
  };
  return {{"read", bearer("The token of daemon.read_token_file: may look.")},
          {"operate", bearer("The token of daemon.operate_token_file: may look, trigger, pause "
                             "and edit.")}};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

}  // namespace

json::object openapi_document(const std::vector<Route>& routes, const std::string& version,
                              bool asks_for_tokens) {
  json::object paths;
  for (const Route& route : routes) {
    json::value& path = paths[route.pattern];
    if (!path.is_object()) {
      path.emplace_object();
    }
    path.as_object()[lower(route.method)] = operation_of(route, asks_for_tokens);
  }
  json::object document{{"openapi", "3.1.0"}};
  document["info"] = json::object{{"title", "rowferry"},
                                  {"version", version},
                                  {"summary", "Look at, steer and repair the jobs of a daemon"}};
  document["paths"] = std::move(paths);
  document["components"] =
      json::object{{"schemas", json::parse(kSchemasJson)}, {"securitySchemes", security_schemes()}};
  return document;
}

}  // namespace rowferry::api
