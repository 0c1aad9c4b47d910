#include "http/reply_reader.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace rowferry::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;

constexpr std::uint32_t kHeaderBytesMax = 64u << 10;

}  // namespace

std::string_view Response::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (beast::iequals({header.name.data(), header.name.size()}, {name.data(), name.size()})) {
      return header.value;
    }
  }
  return {};
}

struct ReplyReader::State {
  State(Method the_method, std::size_t bytes_max) : method(the_method), body_bytes_max(bytes_max) {
    begin();
  }

  void begin() {
    parser.emplace();
    parser->eager(true);
    parser->header_limit(kHeaderBytesMax);
    parser->body_limit(body_bytes_max);
    parser->skip(method == Method::head);
  }

  void throw_if(const beast::error_code& code) const {
    if (code == beast::http::error::body_limit) {
      throw Error(Failure::too_large,
                  fmt::format("the reply has more than {} bytes", body_bytes_max))
          .with_reason("reply_too_large");
    }
    if (code) {
      throw Error(Failure::transient, fmt::format("the reply is no HTTP ({})", code.message()))
          .with_reason("protocol");
    }
  }

  /// Whether the reply that is complete is an interim one: then the next begins.
  bool pass_over_interim() {
    const unsigned status = parser->get().result_int();
    if (status < 100 || status > 199 || status == 101) {
      return false;
    }
    begin();
    return true;
  }

  Method method;
  std::size_t body_bytes_max;
  std::optional<Parser> parser;
  std::string pending;  ///< arrived, but not enough for the parser
  bool started = false;
};

ReplyReader::ReplyReader(Method method, std::size_t body_bytes_max)
    : state_(std::make_unique<State>(method, body_bytes_max)) {}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  State& state = *state_;
  state.started = state.started || !bytes.empty();
  state.pending += bytes;
  std::size_t used = 0;
  while (!done() && used < state.pending.size()) {
    beast::error_code code;
    used += state.parser->put(
        boost::asio::buffer(state.pending.data() + used, state.pending.size() - used), code);
    if (code == beast::http::error::need_more) {
      break;
    }
    state.throw_if(code);
    if (done() && !state.pass_over_interim()) {
      break;
    }
  }
  state.pending.erase(0, used);
}

void ReplyReader::feed_end() {
  beast::error_code code;
  state_->parser->put_eof(code);
  if (code == beast::http::error::partial_message || code == beast::http::error::end_of_stream) {
    throw Error(Failure::transient, "the reply was cut off").with_reason("cut_off");
  }
  state_->throw_if(code);
}

bool ReplyReader::started() const { return state_->started; }

bool ReplyReader::done() const { return state_->parser->is_done(); }

bool ReplyReader::keeps_connection() const {
  return done() && state_->parser->keep_alive() && state_->pending.empty();
}

Response ReplyReader::take() {
  auto message = state_->parser->release();
  Response response;
  response.status = message.result_int();
  for (const auto& field : message) {
    response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace rowferry::http
