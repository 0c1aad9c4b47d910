#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task.hpp"

namespace rowferry::api {

/// A request as handlers see it: no Beast, no sockets.
struct Request {
  std::string method;  ///< upper case
  std::string path;    ///< percent-decoded by segment in `parameters`; this is the raw path
  /// The query's parameters, percent-decoded; a parameter given twice is a bad request already.
  std::map<std::string, std::string> query;
  /// What `{name}` in the route's pattern stood for, percent-decoded.
  std::map<std::string, std::string> parameters;
  std::string content_type;           ///< lower case, without parameters
  std::string authorization;          ///< the header's value
  std::string host;                   ///< the authority that the request is for; may be empty
  std::optional<std::string> origin;  ///< what browsers say of the page that asks
  std::string body;
};

/// A body that comes into being while it is sent.
struct BodyStream {
  /// The next bytes, never none; an empty text is the end.
  std::function<Task<std::string>()> next;
  /// The client is gone: whoever waits in `next` is woken, and `next` ends.
  std::function<void()> close;
};

/// An answer; the session adds date, length and connection.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<BodyStream> stream;  ///< instead of `body`
};

}  // namespace rowferry::api
