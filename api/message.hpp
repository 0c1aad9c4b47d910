#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rowferry::api {

/// A request as handlers see it: no Beast, no sockets.
struct Request {
  std::string method;  ///< upper case
  std::string path;    ///< percent-decoded by segment in `parameters`; this is the raw path
  /// The query's parameters, percent-decoded; a parameter given twice is a bad request already.
  std::map<std::string, std::string> query;
  /// What `{name}` in the route's pattern stood for, percent-decoded.
  std::map<std::string, std::string> parameters;
  std::string content_type;   ///< lower case, without parameters
  std::string authorization;  ///< the header's value
  std::string body;
};

/// An answer; the session adds date, length and connection.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace rowferry::api
