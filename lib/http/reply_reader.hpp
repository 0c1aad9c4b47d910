#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "http/message.hpp"

namespace rowferry::http {

/// Makes a Response of the bytes of a connection (RFC 9112), without I/O: interim replies (1xx) are
/// passed over, chunks joined.
class ReplyReader {
 public:
  /// `method` is the request's: a reply to HEAD has no body, whatever it announces.
  ReplyReader(Method method, std::size_t body_bytes_max);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// Takes the next bytes. Throws Error{too_large} for a body beyond the limit, Error{transient}
  /// for what is no HTTP.
  void feed(std::string_view bytes);

  /// The server ended the connection; that completes a body of unannounced length.
  void feed_end();

  /// Whether anything has arrived.
  [[nodiscard]] bool started() const;
  /// Whether the reply is complete.
  [[nodiscard]] bool done() const;
  /// Whether the connection may carry another request: not told to close, nothing left over.
  /// Ask before `take`.
  [[nodiscard]] bool keeps_connection() const;

  /// The reply, once done; call once.
  [[nodiscard]] Response take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rowferry::http
