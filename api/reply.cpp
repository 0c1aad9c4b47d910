#include "api/reply.hpp"

#include <map>
#include <string_view>

#include "api/plain_json.hpp"

namespace rowferry::api {
std::string_view reason_phrase(int status) {
  static const std::map<int, std::string_view> kPhrases = {
      {100, "Continue"},
      {200, "OK"},
      {202, "Accepted"},
      {204, "No Content"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  };
  const auto found = kPhrases.find(status);
  return found == kPhrases.end() ? "Unknown" : found->second;
}

Response json_reply(int status, const boost::json::value& body) {
  Response response;
  response.status = status;
  response.body = plain_json(body);
  response.body += '\n';
  return response;
}

Response problem_reply(int status, const std::string& detail) {
  const boost::json::object body{{"type", "about:blank"},
                                 {"title", reason_phrase(status)},
                                 {"status", status},
                                 {"detail", detail}};
  Response response = json_reply(status, body);
  response.content_type = "application/problem+json";
  return response;
}

}  // namespace rowferry::api
