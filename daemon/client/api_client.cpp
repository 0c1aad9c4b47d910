#include "daemon/client/api_client.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <utility>

#include "config/file_text.hpp"
#include "daemon/plain_words.hpp"
#include "http/status.hpp"

namespace rowferry::client {
namespace {

namespace json = boost::json;

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kTokenBytesMax = 4096;
constexpr std::size_t kReplyBytesMax = 256u << 20;
constexpr std::chrono::milliseconds kTimeout{30'000};
constexpr std::size_t kForeignBytesMax = 200;

Secret read_token(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  const config::FileText file = config::read_file(path, kTokenBytesMax);
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = file.text.find_first_not_of(kSpace);
  if (!file.problem.empty() || first == std::string::npos) {
    throw Error(Failure::config, fmt::format("the token file {} {}", path,
                                             file.problem.empty() ? "is empty" : file.problem));
  }
  const std::size_t last = file.text.find_last_not_of(kSpace);
  return Secret(file.text.substr(first, last + 1 - first));
}

/// The `detail` of a problem document (RFC 9457); empty when the body is none.
std::string detail_of(const http::Response& response) {
  json::error_code code;
  const json::value body = json::parse(response.body, code);
  const json::object* object = code ? nullptr : body.if_object();
  const json::value* detail = object == nullptr ? nullptr : object->if_contains("detail");
  if (detail == nullptr || !detail->is_string()) {
    return {};
  }
  return one_line({detail->get_string().data(), detail->get_string().size()});
}

Failure failure_of(unsigned status) {
  if (status == 409) {
    return Failure::rejected;
  }
  return status == 501 || status < 500 ? Failure::config : Failure::transient;
}

std::string_view hint_for(unsigned status) {
  if (status == 401) {
    return ": give its token with --token-file FILE or ROWFERRY_TOKEN_FILE";
  }
  return status == 403 ? ": the token may look, but not do this" : "";
}

// Made outside of coroutines, which g++ 12 miscompiles around lists in braces. The body is
// borrowed.
http::Request request_of(http::Method method, std::string target, std::string_view body,
                         const Secret& token) {
  http::Request request;
  request.method = method;
  request.target = std::move(target);
  request.body = body;
  request.timeout = kTimeout;
  request.reply_bytes_max = kReplyBytesMax;
  const bool is_harmless = method == http::Method::get || method == http::Method::put;
  request.repeatable = is_harmless ? http::Repeatable::yes : http::Repeatable::no;
  if (!body.empty()) {
    request.headers.push_back({"Content-Type", "application/json"});
  }
  if (!token.empty()) {
    request.headers.push_back({"Authorization", "Bearer " + token.reveal()});
  }
  return request;
}

ApiReply read_reply(const std::string& url, const http::Response& response) {
  if (!http::is_success(response.status)) {
    throw refusal(url, response);
  }
  ApiReply reply;
  reply.text = response.body;
  json::error_code code;
  if (!reply.text.empty()) {
    reply.body = json::parse(reply.text, code);
  }
  if (code) {
    throw Error(
        Failure::transient,
        fmt::format("what answers at {} is no rowferry daemon: its answer is no JSON", url));
  }
  return reply;
}

}  // namespace

http::Url parse_api_url(const std::string& text) {
  if (text.starts_with(kUnixPrefix)) {
    http::Url url;
    url.endpoint.unix_path = text.substr(kUnixPrefix.size());
    if (!url.endpoint.unix_path.empty()) {
      return url;
    }
  }
  const auto url = http::parse_url(text);
  if (!url || !url->user.empty() || !url->password.empty()) {
    throw Error(Failure::config,
                fmt::format("--api {}: expected http://HOST:PORT, https://HOST:PORT or unix:/PATH",
                            url ? url->text() : text));
  }
  return *url;
}

Error refusal(const std::string& url, const http::Response& response) {
  const std::string detail = detail_of(response);
  if (detail.empty()) {
    const std::string body = one_line(response.body).substr(0, kForeignBytesMax);
    return Error(Failure::transient, fmt::format("what answers at {} is no rowferry daemon: {} {}",
                                                 url, response.status, body));
  }
  if (response.status == 401 || response.status == 403) {
    return Error(Failure::transient,
                 fmt::format("{} refuses us ({}){}", url, detail, hint_for(response.status)))
        .with_reason("auth");
  }
  return Error(failure_of(response.status), detail);
}

ApiClient::ApiClient(const Runtime& runtime, const ApiOptions& options)
    : url_(options.url), token_(read_token(options.token_file)) {
  const http::Url url = parse_api_url(options.url);
  path_ = url.path;
  http::ClientSettings settings;
  settings.endpoint = url.endpoint;
  settings.ca_file = options.ca_file;
  client_ = std::make_unique<http::Client>(runtime.executor, runtime.workers, std::move(settings));
}

Task<ApiReply> ApiClient::get(std::string target) {
  return send(http::Method::get, std::move(target), {});
}
Task<ApiReply> ApiClient::post(std::string target, std::string body) {
  return send(http::Method::post, std::move(target), std::move(body));
}
Task<ApiReply> ApiClient::put(std::string target) {
  return send(http::Method::put, std::move(target), {});
}
Task<ApiReply> ApiClient::remove(std::string target) {
  return send(http::Method::remove, std::move(target), {});
}

Task<ApiReply> ApiClient::send(http::Method method, std::string target, std::string body) {
  http::Request request = request_of(method, path_ + target, body, token_);
  const http::Response response = co_await client_->send(std::move(request));
  co_return read_reply(url_, response);
}

std::string job_path(std::string_view job, std::string_view rest) {
  return fmt::format("/v1/jobs/{}{}", http::percent_encode(job), rest);
}

}  // namespace rowferry::client
