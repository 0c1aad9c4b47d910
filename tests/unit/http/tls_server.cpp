#include "tests/unit/http/tls_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <utility>

#include "base/task.hpp"

namespace rowferry::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using TlsSocket = asio::ssl::stream<tcp::socket>;

constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::size_t announced_length(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoull(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

struct TlsServer::State {
  State(const asio::any_io_executor& executor, const Certificate& certificate)
      : context(asio::ssl::context::tls_server),
        acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    context.use_certificate_chain_file(certificate.certificate.string());
    context.use_private_key_file(certificate.key.string(), asio::ssl::context::pem);
  }

  asio::ssl::context context;
  tcp::acceptor acceptor;
  std::size_t connections = 0;
  std::size_t body_bytes = 0;
  std::string name_asked_for;

  static Task<> accept(std::shared_ptr<State> state) {
    error_code code;
    while (!code) {
      tcp::socket socket =
          co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, code));
      if (!code) {
        ++state->connections;
        auto stream = std::make_shared<TlsSocket>(std::move(socket), state->context);
        asio::co_spawn(state->acceptor.get_executor(), serve(state, std::move(stream)),
                       [](const std::exception_ptr&) {});
      }
    }
  }

  static Task<> serve(std::shared_ptr<State> state, std::shared_ptr<TlsSocket> stream) {
    co_await stream->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    const char* name = SSL_get_servername(stream->native_handle(), TLSEXT_NAMETYPE_host_name);
    state->name_asked_for = name == nullptr ? "" : name;
    std::string unread;
    while (true) {
      const std::size_t head = co_await asio::async_read_until(
          *stream, asio::dynamic_buffer(unread), "\r\n\r\n", asio::use_awaitable);
      const std::size_t body = announced_length(unread.substr(0, head));
      if (unread.size() < head + body) {
        const std::size_t missing = head + body - unread.size();
        co_await asio::async_read(*stream, asio::dynamic_buffer(unread),
                                  asio::transfer_exactly(missing), asio::use_awaitable);
      }
      state->body_bytes += body;
      unread.erase(0, head + body);
      co_await asio::async_write(*stream, asio::buffer(kReply), asio::use_awaitable);
    }
  }
};

TlsServer::TlsServer(const asio::any_io_executor& executor, const Certificate& certificate)
    : state_(std::make_shared<State>(executor, certificate)) {
  asio::co_spawn(executor, State::accept(state_), [](const std::exception_ptr&) {});
}

TlsServer::~TlsServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
}

std::uint16_t TlsServer::port() const { return state_->acceptor.local_endpoint().port(); }
std::size_t TlsServer::connections() const { return state_->connections; }
std::string TlsServer::name_asked_for() const { return state_->name_asked_for; }
std::size_t TlsServer::body_bytes() const { return state_->body_bytes; }

}  // namespace rowferry::test
