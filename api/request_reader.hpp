#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "api/limits.hpp"
#include "api/message.hpp"

namespace rowferry::api {

/// Makes requests of a connection's bytes (RFC 9112), without I/O. What is no request, or is over a
/// limit, is a RequestError; the connection cannot go on after one.
class RequestReader {
 public:
  /// The limits outlive the reader.
  explicit RequestReader(const Limits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Takes the next bytes of the connection; none: looks at what came behind the request before.
  /// Throws RequestError.
  void feed(std::string_view bytes);
  /// Reads the body too: until then `feed` stops behind the headers. Throws RequestError.
  void go_on();

  /// Whether anything of the request has arrived.
  [[nodiscard]] bool is_begun() const;
  [[nodiscard]] bool is_head_done() const;
  [[nodiscard]] bool is_done() const;

  /// Once the head is done: whether the client waits for `100 Continue` before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  /// Once the head is done: how large the body may be that follows; 0: there is none.
  [[nodiscard]] std::size_t body_bytes_expected() const;
  /// Once the head is done: whether the client wants to send another request afterwards.
  [[nodiscard]] bool keeps_connection() const;
  /// Once the head is done: whether the client speaks HTTP/1.1, and so understands chunks.
  [[nodiscard]] bool is_http_1_1() const;
  /// Once the head is done: everything but the body.
  [[nodiscard]] const Request& head() const;

  /// The request, once done; the reader begins with the next.
  [[nodiscard]] Request take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rowferry::api
