#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/secret.hpp"
#include "config/components.hpp"
#include "config/problems.hpp"
#include "config/substitution.hpp"
#include "core/job_definition.hpp"

namespace rowferry::config {

/// Where the API listens: TCP, or a Unix socket when `unix_path` is given.
struct ListenAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8470;  ///< 0: any free one
  std::filesystem::path unix_path;
  std::string text = "127.0.0.1:8470";  ///< as people write it

  /// Whether only this machine reaches it.
  [[nodiscard]] bool is_local() const;
};

/// `127.0.0.1:PORT`, `localhost:PORT` (the same), `[::1]:PORT` or `unix:PATH`, the latter relative
/// to `folder`. Nothing when it is none of them.
[[nodiscard]] std::optional<ListenAddress> parse_listen(const std::string& text,
                                                        const std::filesystem::path& folder);

/// Where checkpoints, history and dead letters live.
struct StateSettings {
  std::string store = "sqlite";
  std::filesystem::path path = "/var/lib/rowferry/state.db";
};

/// TLS of the API; both files or neither.
struct TlsSettings {
  std::filesystem::path certificate_file;
  std::filesystem::path private_key_file;
  bool operator==(const TlsSettings&) const = default;
};

/// What clients of the API may use up.
struct ApiSettings {
  std::size_t body_bytes_max = 1u << 20;
  std::size_t connections_max = 512;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  bool operator==(const ApiSettings&) const = default;
};

/// The keys of `daemon:`.
struct DaemonSettings {
  ListenAddress listen;
  TlsSettings tls;
  ApiSettings api;
  /// The tokens as the files held them, and where to read them again. Empty: not configured.
  Secret operate_token;
  std::filesystem::path operate_token_file;
  Secret read_token;
  std::filesystem::path read_token_file;
  StateSettings state;
  std::size_t history_runs = 1000;
  LogSettings log;
  std::chrono::milliseconds shutdown_grace{30'000};
};

/// A whole configuration, checked and inert: nothing was touched yet.
struct Settings {
  DaemonSettings daemon;
  std::vector<ConnectionDefinition> connections;
  std::vector<JobDefinition> jobs;
};

/// Settings, or everything that is wrong.
struct LoadResult {
  std::optional<Settings> settings;
  Problems problems;
};

/// Reads and checks a configuration file, without touching any server. The redactor learns all
/// secrets. Problems name the file as `path` does.
[[nodiscard]] LoadResult load_settings(const std::filesystem::path& path,
                                       const Components& components, Redactor& redactor,
                                       const Environment& environment = Environment::of_process());

}  // namespace rowferry::config
