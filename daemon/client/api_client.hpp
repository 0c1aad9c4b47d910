#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "core/run_context.hpp"
#include "daemon/options.hpp"
#include "http/client.hpp"

namespace rowferry::client {

/// An answer of the API that is no refusal.
struct ApiReply {
  std::string text;  ///< as it was sent
  boost::json::value body;
};

/// Reads the address of an API: `http://HOST:PORT`, `https://..`, either with a path that a proxy
/// adds, or `unix:/PATH`. Throws Error{config}.
[[nodiscard]] http::Url parse_api_url(const std::string& text);

/// The error for an answer that is a refusal, in the daemon's own words: config (400, 404, 501:
/// what was asked is wrong), transient (401, 403, 5xx: we are refused, or it cannot now), rejected
/// (409: not in this state).
[[nodiscard]] Error refusal(const std::string& url, const http::Response& response);

/// Talks to a running daemon over its HTTP API (section 6 of the contract).
class ApiClient {
 public:
  /// Reads the token file. Throws Error{config}. `runtime` outlives the client.
  ApiClient(const Runtime& runtime, const ApiOptions& options);

  /// Sends a request for a path below the API's address and reads the answer. Throws Error: see
  /// `refusal`, and transient when the daemon cannot be reached.
  Task<ApiReply> get(std::string target);
  Task<ApiReply> post(std::string target, std::string body);
  Task<ApiReply> put(std::string target);
  Task<ApiReply> remove(std::string target);

 private:
  Task<ApiReply> send(http::Method method, std::string target, std::string body);

  std::string url_;
  std::string path_;
  Secret token_;
  std::unique_ptr<http::Client> client_;
};

/// `/v1/jobs/NAME`, then `rest`.
[[nodiscard]] std::string job_path(std::string_view job, std::string_view rest = "");

}  // namespace rowferry::client
