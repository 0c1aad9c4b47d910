#include "http/dial.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "http/deadline.hpp"
#include "http/resolve.hpp"
#include "http/tls_context.hpp"

namespace rowferry::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

Error timed_out(const Endpoint& endpoint) {
  return Error(Failure::transient,
               fmt::format("cannot connect to {}: no answer in time", endpoint.text()))
      .with_reason("timeout");
}

Task<std::unique_ptr<Stream>> connect(asio::any_io_executor executor, const Endpoint& endpoint,
                                      std::vector<Stream::Address> addresses,
                                      steady_clock::time_point deadline) {
  error_code last;
  bool out_of_time = false;
  for (std::size_t index = 0; index < addresses.size(); ++index) {
    auto stream = std::make_unique<Stream>(executor);
    const auto now = steady_clock::now();
    const auto share = (deadline - now) / static_cast<int>(addresses.size() - index);
    Deadline limit(executor, now + share, [target = stream.get()] { target->abort(); });
    last = co_await stream->connect(addresses[index]);
    if (!last) {
      co_return stream;
    }
    out_of_time = limit.reached();
  }
  if (out_of_time) {
    throw timed_out(endpoint);
  }
  throw Error(Failure::transient,
              fmt::format("cannot connect to {}: {}", endpoint.text(), last.message()))
      .with_reason("refused");
}

Task<std::vector<Stream::Address>> addresses_of(asio::any_io_executor executor, WorkerPool& workers,
                                                const Endpoint& endpoint,
                                                steady_clock::time_point deadline) {
  std::vector<Stream::Address> addresses;
  if (endpoint.unix_path.empty()) {
    const auto found = co_await resolve(executor, workers, endpoint, deadline);
    addresses.assign(found.begin(), found.end());
  } else if (endpoint.unix_path.size() < sizeof(sockaddr_un::sun_path)) {
    addresses.emplace_back(asio::local::stream_protocol::endpoint(endpoint.unix_path));
  } else {
    throw Error(Failure::config, fmt::format("the path of {} is too long", endpoint.text()));
  }
  co_return addresses;
}

Task<> start_tls(asio::any_io_executor executor, const Endpoint& endpoint,
                 const TlsContext& context, Stream& stream, steady_clock::time_point deadline) {
  Deadline limit(executor, deadline, [&stream] { stream.abort(); });
  const std::string fault = co_await stream.start_tls(context, endpoint.host);
  if (limit.reached()) {
    throw timed_out(endpoint);
  }
  if (!fault.empty()) {
    throw Error(Failure::transient,
                fmt::format("cannot begin TLS with {}: {}", endpoint.text(), fault))
        .with_reason("tls");
  }
}

}  // namespace

Task<std::unique_ptr<Stream>> dial(asio::any_io_executor executor, WorkerPool& workers,
                                   Endpoint endpoint, const TlsContext* context,
                                   steady_clock::time_point deadline) {
  auto addresses = co_await addresses_of(executor, workers, endpoint, deadline);
  auto stream = co_await connect(executor, endpoint, std::move(addresses), deadline);
  if (endpoint.tls) {
    co_await start_tls(executor, endpoint, *context, *stream, deadline);
  }
  co_return stream;
}

}  // namespace rowferry::http
