#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/async.hpp"
#include "base/task.hpp"
#include "core/run_context.hpp"

struct ssl_ctx_st;

namespace rowferry::api {

/// Where the listener's certificate and private key are; empty paths: no TLS.
struct TlsFiles {
  std::filesystem::path certificate_file;
  std::filesystem::path private_key_file;

  [[nodiscard]] bool configured() const { return !certificate_file.empty(); }
};

/// The certificate that the listener shows, read again when its files change. What cannot be used
/// (a renewal that is half done) is said in the log, and the one before stays.
class Certificate {
 public:
  /// The runtime outlives it.
  Certificate(const Runtime& runtime, TlsFiles files);

  /// Reads the files; blocks. Throws Error{config} naming the file that is wrong.
  void load();

  /// What new connections are answered with; empty without TLS.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> identity() const { return identity_; }

  /// Looks after the files every half minute, until `stop`.
  Task<> watch();
  /// Looks after the files now.
  void check_now();
  void stop();

 private:
  Task<> reload_if_changed();
  void take(std::shared_ptr<ssl_ctx_st> identity);

  const Runtime& runtime_;
  TlsFiles files_;
  std::shared_ptr<ssl_ctx_st> identity_;
  std::string seen_;     ///< what the files looked like when the identity was read
  std::string refused_;  ///< what they looked like when they could not be used
  Event asked_;
  bool is_asked_ = false;
  bool is_stopped_ = false;
};

}  // namespace rowferry::api
