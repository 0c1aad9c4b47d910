#pragma once

#include <boost/json/value.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "api/message.hpp"

namespace rowferry::api {

/// What HTTP calls a status.
[[nodiscard]] std::string_view reason_phrase(int status);

/// A JSON answer.
[[nodiscard]] Response json_reply(int status, const boost::json::value& body);

/// An `application/problem+json` answer (RFC 9457). `detail` must hold no secret and no driver
/// text; what in it is no UTF-8 (a name that the caller gave) is replaced.
[[nodiscard]] Response problem_reply(int status, const std::string& detail);

/// Thrown by handlers for what the caller did wrong; becomes a problem document.
class RequestError : public std::runtime_error {
 public:
  RequestError(int status, const std::string& detail)
      : std::runtime_error(detail), status_(status) {}
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_;
};

}  // namespace rowferry::api
