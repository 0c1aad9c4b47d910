#include "tests/support/scripted_http_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <exception>
#include <utility>

#include "base/task.hpp"

namespace rowferry::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 64u << 10;
constexpr std::string_view kLengthName = "Content-Length: ";

std::size_t announced_length(const std::string& head) {
  const std::size_t at = head.find(kLengthName);
  return at == std::string::npos
             ? 0
             : std::strtoull(head.c_str() + at + kLengthName.size(), nullptr, 10);
}

/// One accepted connection and what was read from it too far.
struct Connection {
  explicit Connection(tcp::socket accepted) : socket(std::move(accepted)) {}

  /// Reads a head; false: the client ended the connection.
  Task<bool> read_head(HttpSeen& seen) {
    error_code code;
    const std::size_t size =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(unread), "\r\n\r\n",
                                        asio::redirect_error(asio::use_awaitable, code));
    if (!code) {
      seen.head = unread.substr(0, size - 4);
      unread.erase(0, size);
    }
    co_return !code;
  }

  Task<bool> read_body(std::size_t size, HttpSeen& seen) {
    error_code code;
    while (unread.size() < size && !code) {
      const std::size_t before = unread.size();
      unread.resize(before + kReadBytes);
      const auto room = asio::buffer(unread.data() + before, kReadBytes);
      const std::size_t count =
          co_await socket.async_read_some(room, asio::redirect_error(asio::use_awaitable, code));
      unread.resize(before + count);
    }
    seen.body = unread.substr(0, size);
    unread.erase(0, size);
    co_return !code;
  }

  /// Sends an answer and does what comes after it; true: read the next request.
  Task<bool> send(const HttpAnswer& answer) {
    error_code code;
    co_await asio::async_write(socket, asio::buffer(answer.bytes),
                               asio::redirect_error(asio::use_awaitable, code));
    if (answer.then == HttpAnswer::Then::reset) {
      socket.set_option(asio::socket_base::linger(true, 0), code);
    }
    if (answer.then == HttpAnswer::Then::close || answer.then == HttpAnswer::Then::reset) {
      socket.close(code);
    }
    co_return answer.then == HttpAnswer::Then::keep && !code;
  }

  tcp::socket socket;
  std::string unread;
};

}  // namespace

struct ScriptedHttpServer::State {
  State(const asio::any_io_executor& executor, Answer the_answer)
      : acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        answer(std::move(the_answer)) {}

  tcp::acceptor acceptor;
  Answer answer;
  std::vector<HttpSeen> seen;
  std::vector<std::shared_ptr<Connection>> open;
  std::size_t connections = 0;
  std::size_t body_bytes_max = SIZE_MAX;

  static Task<> accept(std::shared_ptr<State> state) {
    error_code code;
    while (!code) {
      tcp::socket socket =
          co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, code));
      if (code) {
        break;
      }
      const auto connection = std::make_shared<Connection>(std::move(socket));
      state->open.push_back(connection);
      ++state->connections;
      asio::co_spawn(state->acceptor.get_executor(), serve(state, connection, state->connections),
                     [](const std::exception_ptr& failure) {
                       if (failure) {
                         std::rethrow_exception(failure);
                       }
                     });
    }
  }

  static Task<> serve(std::shared_ptr<State> state, std::shared_ptr<Connection> connection,
                      std::size_t number) {
    bool goes_on = true;
    while (goes_on) {
      HttpSeen seen;
      seen.connection = number;
      if (!co_await connection->read_head(seen)) {
        co_return;
      }
      const std::size_t size = std::min(announced_length(seen.head), state->body_bytes_max);
      if (!co_await connection->read_body(size, seen)) {
        co_return;
      }
      state->seen.push_back(seen);
      const HttpAnswer answer = state->answer(seen);
      goes_on = co_await connection->send(answer);
    }
  }

  void close_all() {
    for (const auto& connection : open) {
      error_code ignored;
      connection->socket.close(ignored);
    }
    open.clear();
  }
};

std::string HttpSeen::method_and_target() const { return head.substr(0, head.find(" HTTP/1.1")); }

HttpAnswer http_answer(unsigned status, std::string body, std::string headers) {
  HttpAnswer answer;
  answer.bytes = fmt::format("HTTP/1.1 {} Text\r\n{}Content-Length: {}\r\n\r\n{}", status, headers,
                             body.size(), body);
  return answer;
}

ScriptedHttpServer::ScriptedHttpServer(const asio::any_io_executor& executor, Answer answer)
    : state_(std::make_shared<State>(executor, std::move(answer))) {
  asio::co_spawn(executor, State::accept(state_), [](const std::exception_ptr&) {});
}

ScriptedHttpServer::~ScriptedHttpServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->close_all();
}

std::uint16_t ScriptedHttpServer::port() const { return state_->acceptor.local_endpoint().port(); }

std::string ScriptedHttpServer::url() const { return fmt::format("http://127.0.0.1:{}", port()); }

const std::vector<HttpSeen>& ScriptedHttpServer::seen() const { return state_->seen; }

std::size_t ScriptedHttpServer::connections() const { return state_->connections; }

void ScriptedHttpServer::answer_after(std::size_t body_bytes) {
  state_->body_bytes_max = body_bytes;
}

void ScriptedHttpServer::close_connections() { state_->close_all(); }

}  // namespace rowferry::test
