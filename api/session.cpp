#include "api/session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <functional>
#include <utility>

#include "api/reply.hpp"
#include "api/request_reader.hpp"
#include "api/response_text.hpp"
#include "base/async.hpp"

namespace rowferry::api {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 16u << 10;
// The first byte of a TLS connection: a record of type handshake (RFC 8446 section 5.1).
constexpr int kHandshake = 22;
// Each piece of an answer has the deadline: a slow client is not one that stands still.
constexpr std::size_t kWriteBytes = 64u << 10;
// For the end of a stream when the server stops.
constexpr std::chrono::milliseconds kFarewell{500};
// What a client may still send while it is told that it sent too much.
constexpr std::size_t kLingerBytesMax = 64u << 20;

WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// The share of a session in the bodies that are being read.
class BodyRoom {
 public:
  explicit BodyRoom(SessionHouse& house) : house_(house) {}
  ~BodyRoom() { house_.bodies_bytes -= bytes_; }
  BodyRoom(const BodyRoom&) = delete;
  BodyRoom& operator=(const BodyRoom&) = delete;

  // Throws RequestError{503} when there is none.
  void take(std::size_t bytes) {
    const std::size_t others = house_.bodies_bytes;
    if (others > 0 && others + bytes > house_.limits.bodies_bytes_max) {
      throw RequestError(503, "too many large requests at once; try again");
    }
    house_.bodies_bytes += bytes;
    bytes_ = bytes;
  }

 private:
  SessionHouse& house_;
  std::size_t bytes_ = 0;
};

}  // namespace

struct Session::Body {
  Body(Transport::Socket socket, SessionHouse& known, std::shared_ptr<ssl_ctx_st> known_identity)
      : transport(std::move(socket)),
        house(known),
        identity(std::move(known_identity)),
        reader(known.limits) {}

  void enter(Phase next) {
    phase = next;
    since = steady_clock::now();
  }

  void close();
  Task<bool> begin();
  Task<bool> serve_one();
  Task<bool> serve_request();
  Task<bool> read_head();
  Task<bool> read_body();
  Task<bool> read_more();
  Task<bool> finish(Response response, Framing framing);
  Task<bool> send(const Response& response, Framing framing);
  Task<bool> send_text(std::string_view text);
  Task<> send_stream(BodyStream stream, Framing framing);
  Task<> watch_client(BodyStream& stream);
  Task<> linger();

  Transport transport;
  SessionHouse& house;
  std::shared_ptr<ssl_ctx_st> identity;
  RequestReader reader;
  Phase phase = Phase::reading;
  steady_clock::time_point since = steady_clock::now();
  bool is_first = true;
  bool is_closing = false;
  std::function<void()> close_stream;  ///< while there is one
  std::array<char, kReadBytes> room;
};

void Session::Body::close() {
  if (!close_stream) {
    transport.abort();
    return;
  }
  is_closing = true;
  transport.expires_after(kFarewell);
  close_stream();
}

Task<bool> Session::Body::begin() {
  if (!identity) {
    co_return true;
  }
  transport.expires_after(house.limits.header_timeout);
  const int first = co_await transport.peek();
  if (first != kHandshake) {
    if (first >= 0) {
      Response response = problem_reply(400, "this port speaks TLS: ask it with https://");
      const Framing framing;
      co_await finish(std::move(response), framing);
    }
    co_return false;
  }
  const Transport::ErrorCode code = co_await transport.start_tls(identity);
  co_return !code;
}

// False when the client is gone, or silent before a request; throws RequestError.
Task<bool> Session::Body::read_more() {
  const bool was_begun = reader.is_begun();
  Transport::ErrorCode code;
  const std::size_t count = co_await transport.read_some(room.data(), room.size(), code);
  if (code == boost::asio::error::timed_out && was_begun) {
    throw RequestError(408, "the request did not arrive in time");
  }
  if (code) {
    co_return false;
  }
  if (!was_begun && !is_first) {
    enter(Phase::reading);
    transport.expires_after(house.limits.header_timeout);
  }
  reader.feed({room.data(), count});
  co_return true;
}

Task<bool> Session::Body::read_head() {
  enter(Phase::reading);
  const bool is_due = is_first || reader.is_begun();
  transport.expires_after(is_due ? house.limits.header_timeout : house.limits.idle_timeout);
  reader.feed({});
  bool more = true;
  while (more && !reader.is_head_done()) {
    more = co_await read_more();
  }
  is_first = false;
  co_return more;
}

Task<bool> Session::Body::read_body() {
  transport.expires_after(house.limits.body_timeout);
  bool more = true;
  if (reader.expects_continue()) {
    const Transport::ErrorCode code = co_await transport.write("HTTP/1.1 100 Continue\r\n\r\n");
    more = !code;
  }
  reader.go_on();
  while (more && !reader.is_done()) {
    more = co_await read_more();
  }
  co_return more;
}

Task<bool> Session::Body::send_text(std::string_view text) {
  Transport::ErrorCode code;
  while (!text.empty() && !code) {
    const std::string_view piece = text.substr(0, kWriteBytes);
    transport.expires_after(is_closing ? kFarewell : house.limits.body_timeout);
    code = co_await transport.write(piece);
    text.remove_prefix(piece.size());
  }
  co_return !code;
}

Task<bool> Session::Body::send(const Response& response, Framing framing) {
  enter(Phase::writing);
  const bool has_body = !framing.is_head && !response.stream;
  const std::string_view body = has_body ? std::string_view(response.body) : std::string_view();
  std::string text = response_head(response, framing, wall_now());
  // A short answer is one packet, a long one is not copied.
  const std::size_t joined = std::min(body.size(), kWriteBytes);
  text += body.substr(0, joined);
  bool is_sent = co_await send_text(text);
  if (is_sent) {
    is_sent = co_await send_text(body.substr(joined));
  }
  co_return is_sent;
}

// What a listener sends is dropped; that it is gone must be seen before there is something to say.
Task<> Session::Body::watch_client(BodyStream& stream) {
  Transport::ErrorCode code;
  while (!code) {
    co_await transport.read_some(room.data(), room.size(), code);
  }
  stream.close();
}

Task<> Session::Body::send_stream(BodyStream stream, Framing framing) {
  enter(Phase::streaming);
  transport.expires_never();
  close_stream = stream.close;
  TaskGroup watcher(transport.executor());
  watcher.spawn(watch_client(stream));
  bool is_sent = true;
  bool is_over = false;
  while (is_sent && !is_over) {
    const std::string piece = co_await stream.next();
    is_over = piece.empty();
    const std::string text = framing.takes_chunks ? chunk(piece) : piece;
    is_sent = co_await send_text(text);
    if (!is_closing) {
      transport.expires_never();
    }
  }
  close_stream = nullptr;
  if (is_sent && !is_closing) {
    transport.end_sending();
    transport.expires_after(house.limits.linger_timeout);
  } else {
    transport.abort();
  }
  co_await watcher.join();
}

// Reads and drops what still comes: closing at once could destroy the answer on its way.
Task<> Session::Body::linger() {
  enter(Phase::ending);
  transport.end_sending();
  transport.expires_after(house.limits.linger_timeout);
  Transport::ErrorCode code;
  std::size_t dropped = 0;
  while (!code && dropped < kLingerBytesMax) {
    dropped += co_await transport.read_some(room.data(), room.size(), code);
  }
}

// True when the client may ask again.
Task<bool> Session::Body::finish(Response response, Framing framing) {
  if (response.stream) {
    framing.keeps_connection = false;
  }
  const bool is_sent = co_await send(response, framing);
  if (is_sent && response.stream && !framing.is_head) {
    BodyStream stream = *std::move(response.stream);
    co_await send_stream(std::move(stream), framing);
    co_return false;
  }
  if (is_sent && !framing.keeps_connection) {
    co_await linger();
  }
  co_return is_sent&& framing.keeps_connection;
}

Task<bool> Session::Body::serve_request() {
  const bool has_head = co_await read_head();
  if (!has_head) {
    co_return false;
  }
  Framing framing;
  framing.is_head = reader.head().method == "HEAD";
  framing.takes_chunks = reader.is_http_1_1();
  Verdict verdict = house.router.judge(reader.head());
  const std::size_t body_bytes = reader.body_bytes_expected();
  // A body that nobody wants is not read, so nothing can come behind it.
  framing.keeps_connection =
      reader.keeps_connection() && (verdict.route != nullptr || body_bytes == 0);
  if (verdict.route == nullptr && body_bytes > 0) {
    co_return co_await finish(std::move(verdict.refusal), framing);
  }
  BodyRoom body_room(house);
  body_room.take(body_bytes);
  const bool has_body = co_await read_body();
  if (!has_body) {
    co_return false;
  }
  Request request = reader.take();
  if (verdict.route == nullptr) {
    co_return co_await finish(std::move(verdict.refusal), framing);
  }
  request.parameters = std::move(verdict.parameters);
  enter(Phase::answering);
  transport.expires_never();
  Response response = co_await house.router.call(*verdict.route, std::move(request));
  co_return co_await finish(std::move(response), framing);
}

Task<bool> Session::Body::serve_one() {
  std::optional<RequestError> failure;
  bool may_ask_again = false;
  try {
    may_ask_again = co_await serve_request();
  } catch (const RequestError& error) {
    failure = error;
  }
  if (failure) {
    Response response = problem_reply(failure->status(), failure->what());
    Framing framing;
    co_await finish(std::move(response), framing);
  }
  co_return may_ask_again;
}

Session::Session(Transport::Socket socket, SessionHouse& house,
                 std::shared_ptr<ssl_ctx_st> identity)
    : body_(std::make_unique<Body>(std::move(socket), house, std::move(identity))) {}

Session::~Session() = default;

Task<> Session::run() {
  try {
    bool more = co_await body_->begin();
    while (more) {
      more = co_await body_->serve_one();
    }
  } catch (const std::exception&) {
    // A broken client ends its own connection and nothing else.
  }
  close();
}

void Session::close() { body_->close(); }

Session::Phase Session::phase() const { return body_->phase; }
steady_clock::time_point Session::since() const { return body_->since; }

}  // namespace rowferry::api
