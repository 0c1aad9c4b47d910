#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rowferry::test {

/// A request as it arrived.
struct HttpSeen {
  std::string head;  ///< request line and headers, without the empty line
  std::string body;
  std::size_t connection = 0;  ///< the number of its connection, from 1

  /// `POST /films/_bulk`.
  [[nodiscard]] std::string method_and_target() const;
};

/// What the server does about a request: raw bytes, right or wrong, and what comes after them.
struct HttpAnswer {
  enum class Then { keep, close, reset, hang };
  std::string bytes;
  Then then = Then::keep;
};

/// A whole reply with Content-Length; `headers` are lines that end in CR LF.
[[nodiscard]] HttpAnswer http_answer(unsigned status, std::string body, std::string headers = "");

/// A server on a free port of the loopback, within the test's own event loop, that answers as the
/// test says. Reads bodies of an announced length only.
class ScriptedHttpServer {
 public:
  using Answer = std::function<HttpAnswer(const HttpSeen& seen)>;

  ScriptedHttpServer(const boost::asio::any_io_executor& executor, Answer answer);
  ~ScriptedHttpServer();
  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// `http://127.0.0.1:PORT`.
  [[nodiscard]] std::string url() const;
  /// Every request so far, in order of arrival.
  [[nodiscard]] const std::vector<HttpSeen>& seen() const;
  /// Connections accepted so far.
  [[nodiscard]] std::size_t connections() const;

  /// Answers once so many bytes of a body have arrived, without reading the rest.
  void answer_after(std::size_t body_bytes);

  /// Ends every connection, as a server does that was idle for too long.
  void close_connections();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace rowferry::test
