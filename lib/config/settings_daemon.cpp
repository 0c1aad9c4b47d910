#include <fmt/format.h>

#include <system_error>

#include "base/tls_identity.hpp"
#include "config/file_text.hpp"
#include "config/settings_parts.hpp"

namespace rowferry::config {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;

struct TokenFile {
  Secret token;
  std::filesystem::path path;
};

TokenFile parse_token_file(const Node& daemon, std::string_view key) {
  TokenFile result;
  result.path = daemon.existing_file(key);
  if (result.path.empty()) {
    return result;
  }
  const FileText file = read_file(result.path, kTokenBytesMax);
  if (!file.problem.empty()) {
    // What `existing_file` already said is not said twice.
    std::error_code error;
    if (std::filesystem::is_regular_file(result.path, error)) {
      daemon.problem(key, fmt::format("the token file cannot be read: {}", file.problem));
    }
    return result;
  }
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = file.text.find_first_not_of(kSpace);
  if (first == std::string::npos) {
    daemon.problem(key, "the token file is empty");
    return result;
  }
  const std::size_t last = file.text.find_last_not_of(kSpace);
  result.token = Secret(file.text.substr(first, last + 1 - first));
  daemon.learn(result.token);
  return result;
}

ListenAddress parse_listen_key(const Node& daemon) {
  const std::string text = daemon.text("listen");
  if (text.empty()) {
    return ListenAddress();
  }
  const auto address = parse_listen(text, daemon.folder());
  if (!address) {
    daemon.problem("listen",
                   "must be IP:PORT, localhost:PORT, [IPV6]:PORT (a port of at most 65535) or "
                   "unix:PATH (of at most 107 bytes)");
  }
  return address.value_or(ListenAddress());
}

/// A pair that cannot be used is said at the file that is wrong.
void check_pair(const Node& tls, const TlsSettings& settings) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(settings.certificate_file, error) ||
      !std::filesystem::is_regular_file(settings.private_key_file, error)) {
    return;
  }
  const TlsIdentity identity =
      load_tls_identity(settings.certificate_file, settings.private_key_file);
  if (identity.fault == TlsIdentity::Fault::certificate) {
    tls.problem("certificate_file", identity.text);
  } else if (identity.fault == TlsIdentity::Fault::private_key) {
    tls.problem("private_key_file", identity.text);
  }
}

TlsSettings parse_tls(const Node& tls) {
  TlsSettings settings;
  settings.certificate_file = tls.existing_file("certificate_file");
  settings.private_key_file = tls.existing_file("private_key_file");
  if (settings.certificate_file.empty() != settings.private_key_file.empty()) {
    tls.problem(settings.certificate_file.empty() ? "certificate_file" : "private_key_file",
                "is missing: a certificate and its private key go together");
    return settings;
  }
  if (!settings.certificate_file.empty()) {
    check_pair(tls, settings);
  }
  return settings;
}

ApiSettings parse_api(const Node& api) {
  using std::chrono::milliseconds;
  ApiSettings settings;
  settings.body_bytes_max = api.size("body_bytes_max", settings.body_bytes_max, 1024);
  settings.connections_max = static_cast<std::size_t>(api.integer(
      "connections_max", static_cast<std::int64_t>(settings.connections_max), 1, 65536));
  settings.header_timeout =
      api.duration("header_timeout", settings.header_timeout, milliseconds(100));
  settings.idle_timeout = api.duration("idle_timeout", settings.idle_timeout, milliseconds(100));
  return settings;
}

StateSettings parse_state(const Node& state) {
  StateSettings settings;
  state.not_built_value("store", "postgres");
  settings.store = state.word("store", {"sqlite", "yaml", "postgres"});
  state.not_built("connection");
  state.not_built("schema");
  if (state.given("path")) {
    settings.path = state.path("path");
  } else if (settings.store == "yaml") {
    settings.path = "/var/lib/rowferry/state.yaml";
  }
  return settings;
}

LogLevel parse_level(const Node& log) {
  const std::string word = log.word("level", {"trace", "debug", "info", "warn", "error"}, "info");
  if (word == "trace" || word == "debug") {
    return word == "trace" ? LogLevel::trace : LogLevel::debug;
  }
  if (word == "warn" || word == "error") {
    return word == "warn" ? LogLevel::warn : LogLevel::error;
  }
  return LogLevel::info;
}

LogSettings parse_log(const Node& log) {
  LogSettings settings;
  settings.level = parse_level(log);
  settings.json = log.word("format", {"text", "json"}) == "json";
  settings.file = log.path("file").string();
  settings.bytes_max = log.size("max_bytes", settings.bytes_max, 1024);
  settings.files_max = static_cast<int>(log.integer("max_files", settings.files_max, 1, 1000));
  return settings;
}

}  // namespace

DaemonSettings parse_daemon(const Node& daemon) {
  DaemonSettings settings;
  settings.listen = parse_listen_key(daemon);
  settings.tls = parse_tls(daemon.at("tls"));
  settings.api = parse_api(daemon.at("api"));
  TokenFile operate = parse_token_file(daemon, "operate_token_file");
  settings.operate_token = std::move(operate.token);
  settings.operate_token_file = std::move(operate.path);
  TokenFile read = parse_token_file(daemon, "read_token_file");
  settings.read_token = std::move(read.token);
  settings.read_token_file = std::move(read.path);
  const bool is_one_token = !settings.read_token.empty() &&
                            settings.read_token.reveal() == settings.operate_token.reveal();
  if (is_one_token) {
    daemon.problem("read_token_file",
                   "holds the token of operate_token_file: whoever may look could do everything; "
                   "give it a token of its own");
  }
  const bool is_encrypted = !settings.tls.certificate_file.empty();
  if (!settings.listen.is_local() && (!is_encrypted || settings.operate_token_file.empty())) {
    daemon.problem("listen", "beyond loopback, tls and operate_token_file are required");
  }
  settings.state = parse_state(daemon.at("state"));
  settings.history_runs =
      static_cast<std::size_t>(daemon.integer("history_runs", 1000, 1, 10'000'000));
  settings.log = parse_log(daemon.at("log"));
  settings.shutdown_grace = daemon.duration("shutdown_grace", settings.shutdown_grace);
  return settings;
}

}  // namespace rowferry::config
