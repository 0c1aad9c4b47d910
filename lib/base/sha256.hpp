#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace rowferry {

/// The SHA-256 of bytes that come in pieces, by OpenSSL.
class Sha256 {
 public:
  using Digest = std::array<unsigned char, 32>;

  Sha256();

  void update(std::string_view bytes);

  /// The digest of all bytes so far; starts anew.
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Bytes as lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::string to_hex(const Sha256::Digest& digest);

}  // namespace rowferry
