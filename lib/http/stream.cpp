#include "http/stream.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "http/tls_context.hpp"

namespace rowferry::http {
namespace {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

bool is_address(const std::string& host) {
  error_code code;
  asio::ip::make_address(host, code);
  return !code;
}

/// Asks for a certificate of that name; the name also goes into the handshake, so that the server
/// can choose. Addresses have no place there (RFC 6066 section 3).
bool expect_host(SSL* connection, const std::string& host) {
  if (is_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  }
  // What the macro SSL_set_tlsext_host_name stands for, without its old casts.
  const long named = SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                              const_cast<char*>(host.c_str()));
  return named == 1 && SSL_set1_host(connection, host.c_str()) == 1;
}

std::string explain(SSL* connection, const error_code& code) {
  const long verdict = SSL_get_verify_result(connection);
  return verdict == X509_V_OK ? code.message() : X509_verify_cert_error_string(verdict);
}

}  // namespace

struct Stream::Tls {
  Tls(Socket& socket, asio::ssl::context& context) : stream(socket, context) {}
  asio::ssl::stream<Socket&> stream;
};

Stream::Stream(const asio::any_io_executor& executor) : socket_(executor) {}
Stream::~Stream() = default;

Task<error_code> Stream::connect(Address address) {
  error_code code;
  co_await socket_.async_connect(address, asio::redirect_error(asio::use_awaitable, code));
  if (!code && address.protocol().family() != AF_UNIX) {
    socket_.set_option(asio::ip::tcp::no_delay(true), code);
  }
  co_return code;
}

Task<std::string> Stream::start_tls(const TlsContext& context, std::string host) {
  static constexpr std::array<unsigned char, 9> kProtocols = {8,   'h', 't', 't', 'p',
                                                              '/', '1', '.', '1'};
  tls_ = std::make_unique<Tls>(socket_, context.native());
  SSL* connection = tls_->stream.native_handle();
  SSL_set_alpn_protos(connection, kProtocols.data(), kProtocols.size());
  if (!expect_host(connection, host)) {
    co_return "the host's name cannot be verified";
  }
  error_code code;
  co_await tls_->stream.async_handshake(asio::ssl::stream_base::client,
                                        asio::redirect_error(asio::use_awaitable, code));
  if (code) {
    co_return explain(connection, code);
  }
  co_return std::string();
}

Task<error_code> Stream::write(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> pieces = {asio::buffer(head), asio::buffer(body)};
  error_code code;
  if (tls_) {
    co_await asio::async_write(tls_->stream, pieces,
                               asio::redirect_error(asio::use_awaitable, code));
  } else {
    co_await asio::async_write(socket_, pieces, asio::redirect_error(asio::use_awaitable, code));
  }
  co_return code;
}

Task<std::size_t> Stream::read_some(char* room, std::size_t size, error_code& code) {
  const auto target = asio::buffer(room, size);
  std::size_t count = 0;
  if (tls_) {
    count = co_await tls_->stream.async_read_some(target,
                                                  asio::redirect_error(asio::use_awaitable, code));
  } else {
    count =
        co_await socket_.async_read_some(target, asio::redirect_error(asio::use_awaitable, code));
  }
  co_return count;
}

bool Stream::is_quiet() {
  if (!socket_.is_open()) {
    return false;
  }
  char byte = 0;
  error_code code;
  socket_.non_blocking(true, code);
  socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, code);
  return code == asio::error::would_block;
}

void Stream::abort() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace rowferry::http
