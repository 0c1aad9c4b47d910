#include "http/exchange.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/error.hpp>
#include <string>
#include <utility>

#include "http/deadline.hpp"
#include "http/reply_reader.hpp"
#include "http/request_head.hpp"

namespace rowferry::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 16u << 10;

/// Feeds what was read, or the end. A failure goes into the outcome; true: read on.
bool take_in(ReplyReader& reply, std::string_view bytes, const error_code& code, Outcome& outcome) {
  try {
    reply.feed(bytes);
    if (code == asio::error::eof && reply.started() && !reply.done()) {
      reply.feed_end();
    }
  } catch (const Error& error) {
    outcome.failure = error;
    return false;
  }
  return !code && !reply.done();
}

bool is_reset(const error_code& code) {
  return code == asio::error::connection_reset || code == asio::error::broken_pipe;
}

Error failed(std::string_view what, std::string_view reason) {
  return Error(Failure::transient, std::string(what)).with_reason(std::string(reason));
}

/// The failure of an exchange that ended with an error of the connection.
Error broken_off(const ReplyReader& reply, bool was_reset) {
  if (reply.started()) {
    return failed("the reply was cut off", "cut_off");
  }
  return was_reset ? failed("the server reset the connection without a reply", "reset")
                   : failed("the server closed the connection without a reply", "closed");
}

std::string_view stage(bool sent, const ReplyReader& reply) {
  if (!sent) {
    return "sending";
  }
  return reply.started() ? "receiving the reply" : "waiting for a reply";
}

void name_endpoint(const Endpoint& endpoint, Outcome& outcome) {
  if (outcome.failure) {
    const Error& plain = *outcome.failure;
    outcome.failure = Error(plain.failure(), fmt::format("{}: {}", endpoint.text(), plain.what()))
                          .with_reason(plain.reason());
  }
}

}  // namespace

Task<Outcome> exchange(asio::any_io_executor executor, Stream& stream, const Endpoint& endpoint,
                       const Request& request, std::chrono::steady_clock::time_point deadline) {
  Outcome outcome;
  const std::string head = request_head(endpoint, request);
  ReplyReader reply(request.method, request.reply_bytes_max);
  Deadline limit(executor, deadline, [&stream] { stream.abort(); });
  const error_code send_code = co_await stream.write(head, request.body);
  error_code read_code;
  std::array<char, kReadBytes> room;
  bool reads_on = !limit.reached();
  while (reads_on) {
    const std::size_t count = co_await stream.read_some(room.data(), room.size(), read_code);
    reads_on = take_in(reply, {room.data(), count}, read_code, outcome);
  }
  if (!outcome.failure && reply.done()) {
    outcome.keeps_connection = !send_code && !read_code && reply.keeps_connection();
    outcome.response = reply.take();
  } else if (limit.reached()) {
    outcome.failure = failed(
        fmt::format("no end of {} within {} ms", stage(!send_code, reply), request.timeout.count()),
        "timeout");
  } else if (!outcome.failure) {
    outcome.died_silently = !reply.started();
    outcome.was_reset = is_reset(send_code) || is_reset(read_code);
    outcome.failure = broken_off(reply, outcome.was_reset);
  }
  name_endpoint(endpoint, outcome);
  co_return outcome;
}

}  // namespace rowferry::http
