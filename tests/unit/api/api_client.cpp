#include "tests/unit/api/api_client.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace rowferry::test {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

}  // namespace

Task<> ApiClient::connect(std::uint16_t port) {
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await socket_.async_connect(server, use_awaitable);
}

Task<bool> ApiClient::connect_tls(std::uint16_t port) {
  co_await connect(port);
  context_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, *context_);
  error_code code;
  co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                 redirect_error(use_awaitable, code));
  co_return !code;
}

Task<bool> ApiClient::send(std::string_view bytes) {
  error_code code;
  if (tls_) {
    co_await asio::async_write(*tls_, asio::buffer(bytes), redirect_error(use_awaitable, code));
  } else {
    co_await asio::async_write(socket_, asio::buffer(bytes), redirect_error(use_awaitable, code));
  }
  co_return !code;
}

Task<bool> ApiClient::read_some() {
  std::array<char, 4096> room;
  error_code code;
  std::size_t count = 0;
  if (tls_) {
    count = co_await tls_->async_read_some(asio::buffer(room), redirect_error(use_awaitable, code));
  } else {
    count =
        co_await socket_.async_read_some(asio::buffer(room), redirect_error(use_awaitable, code));
  }
  received_.append(room.data(), count);
  co_return !code;
}

Task<std::string> ApiClient::read_all() {
  bool more = true;
  while (more) {
    more = co_await read_some();
  }
  co_return std::exchange(received_, "");
}

Task<std::string> ApiClient::read_until(std::string text) {
  bool more = true;
  while (more && received_.find(text) == std::string::npos) {
    more = co_await read_some();
  }
  const std::size_t at = received_.find(text);
  const std::size_t end = at == std::string::npos ? received_.size() : at + text.size();
  std::string result = received_.substr(0, end);
  received_.erase(0, end);
  co_return result;
}

void ApiClient::close() {
  error_code ignored;
  socket_.close(ignored);
}

std::string ApiClient::server_name() const {
  X509* certificate = SSL_get1_peer_certificate(tls_->native_handle());
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  X509_free(certificate);
  return name.data();
}

}  // namespace rowferry::test
