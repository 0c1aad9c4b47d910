#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry::http {

/// The methods that we send.
enum class Method : std::uint8_t { get, head, post, put, remove };

/// The method's name on the wire: `GET`, `DELETE`.
[[nodiscard]] std::string_view to_string(Method method);

/// One header field.
struct Header {
  std::string name;
  std::string value;
};

/// Whether doing a request twice leaves the server as doing it once.
enum class Repeatable : bool { no = false, yes = true };

/// What is asked of a server. Host, Content-Length and User-Agent are added by the client.
struct Request {
  Method method = Method::get;
  /// Path and query, percent-encoded, beginning with `/`.
  std::string target = "/";
  std::vector<Header> headers;
  /// Sent as it is, without a copy; its owner keeps it until the reply is there.
  std::string_view body;
  /// For connecting, sending and receiving together; waiting for a free connection does not count.
  std::chrono::milliseconds timeout{30'000};
  /// A longer reply body is Error{too_large}.
  std::size_t reply_bytes_max = 4u << 20;
  /// Allows the client to send it once more where a kept connection turns out to be dead.
  Repeatable repeatable = Repeatable::no;
};

/// A whole reply; any status.
struct Response {
  unsigned status = 0;
  std::vector<Header> headers;
  std::string body;

  /// The value of the first header of that name, whatever its case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

}  // namespace rowferry::http
