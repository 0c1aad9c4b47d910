#pragma once

#include <filesystem>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace rowferry {

/// A server's certificate and private key, ready to answer handshakes; or what is wrong with them.
struct TlsIdentity {
  enum class Fault { none, certificate, private_key };
  Fault fault = Fault::none;  ///< in which file
  std::string text;           ///< what is wrong, and what to do
  /// OpenSSL's context: TLS 1.2 and later, no renegotiation. Empty when something is wrong.
  std::shared_ptr<ssl_ctx_st> context;
};

/// Reads a certificate (with those that lead to its authority behind it) and the private key that
/// belongs to it, both as PEM. Blocks; asks nobody for a passphrase.
[[nodiscard]] TlsIdentity load_tls_identity(const std::filesystem::path& certificate_file,
                                            const std::filesystem::path& private_key_file);

}  // namespace rowferry
