// The only file here that knows Boost.Beast.
#include "api/request_reader.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "api/reply.hpp"
#include "api/target.hpp"

namespace rowferry::api {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;
using Fields = http::fields;

std::string bytes_text(std::size_t bytes) {
  if (bytes >= (1u << 20) && bytes % (1u << 20) == 0) {
    return fmt::format("{} MiB", bytes >> 20);
  }
  return bytes % 1024 == 0 ? fmt::format("{} KiB", bytes >> 10) : fmt::format("{} bytes", bytes);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& character : result) {
    character =
        character >= 'A' && character <= 'Z' ? static_cast<char>(character | 0x20) : character;
  }
  return result;
}

std::string lower_media_type(std::string_view value) {
  std::string type = lower(value.substr(0, value.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) {
    type.pop_back();
  }
  return type;
}

[[noreturn]] void refuse(const beast::error_code& code, const Limits& limits) {
  if (code == http::error::body_limit) {
    throw RequestError(413, fmt::format("the body is over {}", bytes_text(limits.body_bytes_max)));
  }
  if (code == http::error::header_limit) {
    throw RequestError(431, fmt::format("request line and headers are over {}",
                                        bytes_text(limits.header_bytes_max)));
  }
  if (code == http::error::bad_version) {
    throw RequestError(505, "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  throw RequestError(400, fmt::format("this is no HTTP request: {}", code.message()));
}

std::vector<std::string> transfer_codings(const Fields& fields) {
  std::vector<std::string> codings;
  const auto [begin, end] = fields.equal_range(http::field::transfer_encoding);
  for (auto field = begin; field != end; ++field) {
    for (const auto& coding : http::token_list(field->value())) {
      codings.push_back(lower(coding));
    }
    if (codings.empty()) {
      codings.emplace_back();
    }
  }
  return codings;
}

// RFC 9112 section 6.1: chunked is the only coding known here, and HTTP/1.0 knows none.
void check_transfer_encoding(const Fields& fields, bool is_http_1_1) {
  const std::vector<std::string> codings = transfer_codings(fields);
  if (codings.empty()) {
    return;
  }
  if (!is_http_1_1 || fields.find(http::field::content_length) != fields.end()) {
    throw RequestError(400, "Transfer-Encoding cannot stand beside Content-Length or in HTTP/1.0");
  }
  for (const std::string& coding : codings) {
    if (coding != "chunked") {
      throw RequestError(501, "of transfer codings, only chunked is known here");
    }
  }
  if (codings.size() > 1) {
    throw RequestError(400, "Transfer-Encoding: chunked may stand there once");
  }
}

void check_expectation(const Fields& fields) {
  const auto expect = fields[http::field::expect];
  if (!expect.empty() && lower(expect) != "100-continue") {
    throw RequestError(417, "of expectations, only 100-continue is known here");
  }
}

// RFC 9112 section 3.2: HTTP/1.1 names its host exactly once.
std::string host_of(const Fields& fields, bool is_http_1_1) {
  const std::size_t count = fields.count(http::field::host);
  if (count > 1 || (count == 0 && is_http_1_1)) {
    throw RequestError(400, "a request has exactly one Host header");
  }
  return std::string(fields[http::field::host]);
}

}  // namespace

struct RequestReader::State {
  explicit State(const Limits& known) : limits(known) { begin(); }

  void begin() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser->body_limit(limits.body_bytes_max);
    head = Request{};
    reads_body = false;
  }

  void parse();
  void take_head();

  const Limits& limits;
  std::optional<Parser> parser;
  Request head;
  std::string pending;  ///< arrived, but not parsed
  bool reads_body = false;
};

void RequestReader::State::take_head() {
  const auto& message = parser->get();
  const bool is_http_1_1 = message.version() == 11;
  check_transfer_encoding(message, is_http_1_1);
  check_expectation(message);
  head.method = std::string(message.method_string());
  head.host = host_of(message, is_http_1_1);
  head.content_type = lower_media_type(message[http::field::content_type]);
  head.authorization = std::string(message[http::field::authorization]);
  if (const auto origin = message.find(http::field::origin); origin != message.end()) {
    head.origin = std::string(origin->value());
  }
  take_target(message.target(), head);
}

void RequestReader::State::parse() {
  // RFC 9112 section 2.2: empty lines before a request are passed over.
  while (!parser->is_header_done() && pending.starts_with("\r\n")) {
    pending.erase(0, 2);
  }
  std::size_t used = 0;
  while (used < pending.size() && !parser->is_done() && (reads_body || !parser->is_header_done())) {
    const bool had_head = parser->is_header_done();
    parser->eager(had_head);
    beast::error_code code;
    used += parser->put(boost::asio::buffer(pending.data() + used, pending.size() - used), code);
    if (code == http::error::need_more) {
      break;
    }
    if (code) {
      refuse(code, limits);
    }
    if (!had_head && parser->is_header_done()) {
      take_head();
    }
  }
  pending.erase(0, used);
  // The line before a chunk, or a trailer, that never ends.
  if (reads_body && !parser->is_done() && pending.size() > limits.header_bytes_max) {
    refuse(http::error::header_limit, limits);
  }
}

RequestReader::RequestReader(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
RequestReader::~RequestReader() = default;

void RequestReader::feed(std::string_view bytes) {
  state_->pending += bytes;
  state_->parse();
}

void RequestReader::go_on() {
  state_->reads_body = true;
  state_->parse();
}

bool RequestReader::is_begun() const { return !state_->pending.empty() || is_head_done(); }
bool RequestReader::is_head_done() const { return state_->parser->is_header_done(); }
bool RequestReader::is_done() const { return state_->parser->is_done(); }

bool RequestReader::expects_continue() const {
  const auto& message = state_->parser->get();
  return message.version() == 11 && body_bytes_expected() > 0 && state_->pending.empty() &&
         message.find(http::field::expect) != message.end();
}

std::size_t RequestReader::body_bytes_expected() const {
  const Parser& parser = *state_->parser;
  if (parser.chunked()) {
    return state_->limits.body_bytes_max;
  }
  const auto length = parser.content_length();
  return length ? static_cast<std::size_t>(*length) : 0;
}

bool RequestReader::keeps_connection() const { return state_->parser->keep_alive(); }
bool RequestReader::is_http_1_1() const { return state_->parser->get().version() == 11; }
const Request& RequestReader::head() const { return state_->head; }

Request RequestReader::take() {
  Request request = std::move(state_->head);
  auto message = state_->parser->release();
  request.body = std::move(message.body());
  state_->begin();
  return request;
}

}  // namespace rowferry::api
