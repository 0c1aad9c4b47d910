#include "api/transport.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <utility>

namespace rowferry::api {

namespace asio = boost::asio;

namespace {

struct Tls {
  Tls(Transport::Socket& socket, std::shared_ptr<ssl_ctx_st> known)
      : identity(std::move(known)), context(shared(identity)), stream(socket, context) {}

  // Asio's context gives back one reference when it dies.
  static SSL_CTX* shared(const std::shared_ptr<ssl_ctx_st>& identity) {
    SSL_CTX_up_ref(identity.get());
    return identity.get();
  }

  std::shared_ptr<ssl_ctx_st> identity;
  asio::ssl::context context;
  asio::ssl::stream<Transport::Socket&> stream;
};

}  // namespace

struct Transport::State {
  explicit State(Socket given) : socket(std::move(given)), timer(socket.get_executor()) {}

  Socket socket;
  asio::steady_timer timer;
  std::unique_ptr<Tls> tls;
  /// Which deadline counts: a timer that has fired calls even after it was set anew.
  std::uint64_t deadline = 0;
  bool is_late = false;

  void close() {
    ErrorCode ignored;
    socket.close(ignored);
  }

  ErrorCode at_begin() const { return is_late ? ErrorCode(asio::error::timed_out) : ErrorCode(); }

  ErrorCode judged(const ErrorCode& code) const {
    return code && is_late ? ErrorCode(asio::error::timed_out) : code;
  }
};

Transport::Transport(Socket socket) : state_(std::make_shared<State>(std::move(socket))) {
  ErrorCode ignored;
  state_->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Transport::~Transport() {
  expires_never();
  abort();
}

void Transport::expires_after(std::chrono::milliseconds duration) {
  const std::uint64_t deadline = ++state_->deadline;
  state_->is_late = false;
  state_->timer.expires_after(duration);
  state_->timer.async_wait([state = state_, deadline](const ErrorCode& code) {
    if (!code && state->deadline == deadline) {
      state->is_late = true;
      ErrorCode ignored;
      state->socket.cancel(ignored);
    }
  });
}

void Transport::expires_never() {
  ++state_->deadline;
  state_->is_late = false;
  state_->timer.cancel();
}

asio::any_io_executor Transport::executor() { return state_->socket.get_executor(); }

Task<int> Transport::peek() {
  const auto state = state_;
  ErrorCode code;
  co_await state->socket.async_wait(asio::socket_base::wait_read,
                                    asio::redirect_error(asio::use_awaitable, code));
  unsigned char first = 0;
  std::size_t count = 0;
  if (!code) {
    count = state->socket.receive(asio::buffer(&first, 1), asio::socket_base::message_peek, code);
  }
  co_return count == 1 ? first : -1;
}

Task<Transport::ErrorCode> Transport::start_tls(std::shared_ptr<ssl_ctx_st> identity) {
  const auto state = state_;
  state->tls = std::make_unique<Tls>(state->socket, std::move(identity));
  ErrorCode code;
  co_await state->tls->stream.async_handshake(asio::ssl::stream_base::server,
                                              asio::redirect_error(asio::use_awaitable, code));
  co_return state->judged(code);
}

Task<std::size_t> Transport::read_some(char* room, std::size_t size, ErrorCode& code) {
  const auto state = state_;
  code = state->at_begin();
  if (code) {
    co_return 0;
  }
  const auto target = asio::buffer(room, size);
  std::size_t count = 0;
  if (state->tls) {
    count = co_await state->tls->stream.async_read_some(
        target, asio::redirect_error(asio::use_awaitable, code));
  } else {
    count = co_await state->socket.async_read_some(target,
                                                   asio::redirect_error(asio::use_awaitable, code));
  }
  code = state->judged(code);
  co_return count;
}

Task<Transport::ErrorCode> Transport::write(std::string_view bytes) {
  const auto state = state_;
  const auto source = asio::buffer(bytes);
  ErrorCode code = state->at_begin();
  if (code) {
    co_return code;
  }
  if (state->tls) {
    co_await asio::async_write(state->tls->stream, source,
                               asio::redirect_error(asio::use_awaitable, code));
  } else {
    co_await asio::async_write(state->socket, source,
                               asio::redirect_error(asio::use_awaitable, code));
  }
  co_return state->judged(code);
}

// Under TLS the connection stays open in both directions until it is closed: OpenSSL takes no more
// data after its own farewell, and the client goes by the answer's length.
void Transport::end_sending() {
  if (!state_->tls) {
    ErrorCode ignored;
    state_->socket.shutdown(asio::socket_base::shutdown_send, ignored);
  }
}

void Transport::abort() { state_->close(); }

}  // namespace rowferry::api
