#include "http/resolve.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "base/async.hpp"
#include "base/error.hpp"

namespace rowferry::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

/// One look-up, shared with the worker thread, which may still be at it when nobody waits any more.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : ended(executor) {}
  Event ended;
  bool done = false;
  error_code code;
  std::vector<tcp::endpoint> addresses;
};

/// Blocks: asks the system.
std::vector<tcp::endpoint> look_up(const Endpoint& endpoint, error_code& code) {
  asio::io_context unused;
  tcp::resolver resolver(unused);
  std::vector<tcp::endpoint> addresses;
  for (const auto& entry : resolver.resolve(endpoint.host, std::to_string(endpoint.port), code)) {
    addresses.push_back(entry.endpoint());
  }
  return addresses;
}

void start(const std::shared_ptr<LookUp>& search, const asio::any_io_executor& executor,
           WorkerPool& workers, const Endpoint& endpoint) {
  asio::post(workers, [search, executor, endpoint] {
    error_code code;
    auto addresses = look_up(endpoint, code);
    asio::post(executor, [search, code, found = std::move(addresses)]() mutable {
      search->done = true;
      search->code = code;
      search->addresses = std::move(found);
      search->ended.notify();
    });
  });
}

Error failure(const Endpoint& endpoint, const std::string& cause) {
  return Error(Failure::transient, fmt::format("cannot look up {}: {}", endpoint.text(), cause))
      .with_reason("dns");
}

}  // namespace

Task<std::vector<tcp::endpoint>> resolve(asio::any_io_executor executor, WorkerPool& workers,
                                         Endpoint endpoint, steady_clock::time_point deadline) {
  error_code code;
  const auto address = asio::ip::make_address(endpoint.host, code);
  if (!code) {
    co_return std::vector<tcp::endpoint>{{address, endpoint.port}};
  }
  const auto search = std::make_shared<LookUp>(executor);
  start(search, executor, workers, endpoint);
  while (!search->done && steady_clock::now() < deadline) {
    co_await search->ended.wait_for(deadline - steady_clock::now());
  }
  if (!search->done) {
    throw failure(endpoint, "no answer in time");
  }
  if (search->code || search->addresses.empty()) {
    throw failure(endpoint, search->code.message());
  }
  co_return std::move(search->addresses);
}

}  // namespace rowferry::http
