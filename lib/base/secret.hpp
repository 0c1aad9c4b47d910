#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {

/// A password, key or token. It has no stream operator and no implicit conversion: whoever needs
/// the text says `reveal()`, and only to hand it to the server that it is for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

/// Removes every configured secret from a text before it leaves the program: also where a server
/// repeated it in a message. Secrets of fewer than four characters are not looked for, they would
/// match by chance. Safe to use from several threads at once.
class Redactor {
 public:
  Redactor();
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  /// Learns a secret and its percent-encoded, JSON-escaped and base64 forms, the latter also where
  /// it stands within something longer (`user:password`).
  void add(const Secret& secret);

  /// The text with every known secret replaced by `***`.
  [[nodiscard]] std::string redact(std::string_view text) const;

 private:
  struct Needles;
  std::unique_ptr<Needles> needles_;
};

}  // namespace rowferry
