#pragma once

#include <filesystem>
#include <string>

namespace rowferry::test {

/// A certificate that signs itself, and its key, made for one test.
struct Certificate {
  /// Writes `NAME.crt` and `NAME.key` into the folder. `names` is what the certificate stands for,
  /// as OpenSSL writes it: `DNS:localhost,IP:127.0.0.1`; its common name is `name`.
  Certificate(const std::filesystem::path& folder, const std::string& name,
              const std::string& names);
  std::filesystem::path certificate;
  std::filesystem::path key;
};

}  // namespace rowferry::test
