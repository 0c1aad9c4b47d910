#include "api/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <optional>

#include "api/reply.hpp"

namespace rowferry::api {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using Stream = beast::basic_stream<boost::asio::generic::stream_protocol>;
using Parser = http::request_parser<http::string_body>;

std::string lower_media_type(std::string_view value) {
  std::string type(value.substr(0, value.find(';')));
  while (!type.empty() && type.back() == ' ') {
    type.pop_back();
  }
  for (char& character : type) {
    character = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  }
  return type;
}

// The request in plain types; nothing when target or query make no sense.
std::optional<Request> to_request(http::request<http::string_body>& message) {
  const auto target = boost::urls::parse_origin_form(message.target());
  if (!target) {
    return std::nullopt;
  }
  Request request;
  request.method = std::string(message.method_string());
  request.path = std::string(target->encoded_path());
  for (const auto& parameter : target->params()) {
    if (!request.query.emplace(parameter.key, parameter.value).second) {
      return std::nullopt;
    }
  }
  request.content_type = lower_media_type(message[http::field::content_type]);
  request.authorization = std::string(message[http::field::authorization]);
  request.body = std::move(message.body());
  return request;
}

int status_of(const beast::error_code& code) {
  if (code == http::error::body_limit) {
    return 413;
  }
  if (code == http::error::header_limit) {
    return 431;
  }
  if (code == beast::error::timeout) {
    return 408;
  }
  return 400;
}

bool is_protocol_error(const beast::error_code& code) {
  return code.category() == make_error_code(http::error::bad_target).category() &&
         code != http::error::end_of_stream && code != http::error::partial_message;
}

}  // namespace

struct Session::Body {
  Body(boost::asio::generic::stream_protocol::socket socket, const Router& known_router,
       const Limits& known_limits)
      : stream(std::move(socket)), router(known_router), limits(known_limits) {}

  Task<bool> serve_one();
  Task<beast::error_code> read(Parser& parser);
  Task<bool> send(Response answer, bool keep_alive, bool head, unsigned version);

  Stream stream;
  const Router& router;
  const Limits& limits;
  beast::flat_buffer buffer;
};

Task<beast::error_code> Session::Body::read(Parser& parser) {
  beast::error_code code;
  stream.expires_after(buffer.size() == 0 ? limits.idle_timeout : limits.read_timeout);
  co_await http::async_read_some(stream, buffer, parser, redirect_error(use_awaitable, code));
  stream.expires_after(limits.read_timeout);
  if (!code && !parser.is_header_done()) {
    co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, code));
  }
  if (!code && !parser.is_done() && parser.get()[http::field::expect] == "100-continue") {
    http::response<http::string_body> go_on(http::status::continue_, 11);
    co_await http::async_write(stream, go_on, redirect_error(use_awaitable, code));
  }
  if (!code && !parser.is_done()) {
    co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, code));
  }
  co_return code;
}

Task<bool> Session::Body::send(Response answer, bool keep_alive, bool head, unsigned version) {
  http::response<http::string_body> message(static_cast<http::status>(answer.status), version);
  message.set(http::field::server, "rowferry");
  message.set(http::field::content_type, answer.content_type);
  message.set("X-Content-Type-Options", "nosniff");
  message.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.headers) {
    message.set(name, value);
  }
  message.keep_alive(keep_alive);
  const std::size_t length = answer.body.size();
  message.body() = head ? std::string() : std::move(answer.body);
  message.content_length(length);
  stream.expires_after(limits.read_timeout);
  beast::error_code code;
  http::response_serializer<http::string_body> serializer(message);
  if (head) {
    co_await http::async_write_header(stream, serializer, redirect_error(use_awaitable, code));
  } else {
    co_await http::async_write(stream, serializer, redirect_error(use_awaitable, code));
  }
  co_return !code && keep_alive;
}

Task<bool> Session::Body::serve_one() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  parser.body_limit(limits.body_bytes_max);
  const beast::error_code code = co_await read(parser);
  if (code) {
    if (is_protocol_error(code)) {
      Response refusal = problem_reply(status_of(code), "the request could not be read");
      co_await send(std::move(refusal), false, false, 11);
    }
    co_return false;
  }
  http::request<http::string_body> message = parser.release();
  const bool head = message.method() == http::verb::head;
  const bool keep_alive = message.keep_alive();
  std::optional<Request> request = to_request(message);
  Response answer = problem_reply(400, "the target of the request makes no sense");
  if (request) {
    stream.expires_never();
    answer = co_await router.answer(std::move(*request));
  }
  co_return co_await send(std::move(answer), keep_alive, head, message.version());
}

Session::Session(boost::asio::generic::stream_protocol::socket socket, const Router& router,
                 const Limits& limits)
    : body_(std::make_unique<Body>(std::move(socket), router, limits)) {}

Session::~Session() = default;

Task<> Session::run() {
  try {
    bool more = true;
    while (more) {
      more = co_await body_->serve_one();
    }
  } catch (const std::exception&) {
    // A broken client ends its own connection and nothing else.
  }
  close();
}

void Session::close() {
  beast::error_code ignored;
  body_->stream.socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
  body_->stream.close();
}

}  // namespace rowferry::api
