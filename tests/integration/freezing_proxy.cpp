#include "tests/integration/freezing_proxy.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <utility>

namespace rowferry::test {

using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
using boost::asio::local::stream_protocol;

namespace {

struct Pair {
  explicit Pair(tcp::socket accepted)
      : client(std::move(accepted)), server(client.get_executor()) {}
  tcp::socket client;
  stream_protocol::socket server;
};

}  // namespace

struct FreezingProxy::Body : std::enable_shared_from_this<FreezingProxy::Body> {
  Body(const boost::asio::any_io_executor& executor, std::string path)
      : server_socket(std::move(path)),
        acceptor(executor, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {}

  template <class From, class To>
  Task<> forward(std::shared_ptr<Pair> pair, From& from, To& to, bool from_server) {
    const auto self = shared_from_this();
    std::array<char, 8192> bytes;
    while (!frozen) {
      const auto into = boost::asio::buffer(bytes);
      const std::size_t count = co_await from.async_read_some(into, use_awaitable);
      passed += from_server ? count : 0;
      frozen = frozen || passed > passed_max;
      if (!frozen) {
        const auto taken = boost::asio::buffer(bytes.data(), count);
        co_await boost::asio::async_write(to, taken, use_awaitable);
      }
    }
    // The connection stays open and silent.
    pairs.push_back(std::move(pair));
  }

  Task<> serve(std::shared_ptr<Pair> pair) {
    const auto self = shared_from_this();
    const stream_protocol::endpoint endpoint(server_socket);
    co_await pair->server.async_connect(endpoint, use_awaitable);
    spawn(forward(pair, pair->client, pair->server, false), pair);
    spawn(forward(pair, pair->server, pair->client, true), pair);
  }

  /// A connection that ends on one side ends on the other.
  void spawn(Task<> task, std::shared_ptr<Pair> pair) {
    boost::asio::co_spawn(acceptor.get_executor(), std::move(task),
                          [pair = std::move(pair)](std::exception_ptr failure) {
                            if (failure) {
                              pair->client.close();
                              pair->server.close();
                            }
                          });
  }

  Task<> accept() {
    const auto self = shared_from_this();
    while (true) {
      tcp::socket client = co_await acceptor.async_accept(use_awaitable);
      const auto pair = std::make_shared<Pair>(std::move(client));
      if (frozen) {
        pairs.push_back(pair);
      } else {
        spawn(serve(pair), pair);
      }
    }
  }

  std::string server_socket;
  tcp::acceptor acceptor;
  bool frozen = false;
  std::size_t passed = 0;
  std::size_t passed_max = static_cast<std::size_t>(-1);
  std::list<std::shared_ptr<Pair>> pairs;
};

FreezingProxy::FreezingProxy(const boost::asio::any_io_executor& executor,
                             std::string server_socket)
    : body_(std::make_shared<Body>(executor, std::move(server_socket))) {
  boost::asio::co_spawn(executor, body_->accept(), [](std::exception_ptr) {});
}

FreezingProxy::~FreezingProxy() { body_->acceptor.close(); }

int FreezingProxy::port() const { return body_->acceptor.local_endpoint().port(); }

void FreezingProxy::freeze() { body_->frozen = true; }

void FreezingProxy::freeze_after(std::size_t bytes) { body_->passed_max = body_->passed + bytes; }

}  // namespace rowferry::test
