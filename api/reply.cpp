#include "api/reply.hpp"

#include <string_view>

#include "api/plain_json.hpp"

namespace rowferry::api {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

Response json_reply(int status, const boost::json::value& body) {
  Response response;
  response.status = status;
  response.body = plain_json(body);
  response.body += '\n';
  return response;
}

Response problem_reply(int status, const std::string& detail) {
  const boost::json::object body{
      {"type", "about:blank"}, {"title", title_of(status)}, {"status", status}, {"detail", detail}};
  Response response = json_reply(status, body);
  response.content_type = "application/problem+json";
  if (status == 401) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"rowferry\"");
  }
  return response;
}

}  // namespace rowferry::api
