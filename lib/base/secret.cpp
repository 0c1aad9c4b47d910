#include "base/secret.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

#include "base/buffer.hpp"
#include "base/json_text.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kSecretBytesMin = 4;
// What is left of a base64 text's middle must be long enough not to match by chance.
constexpr std::size_t kMiddleBytesMin = 8;
constexpr std::string_view kMask = "***";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Percent-encodes all but RFC 3986's unreserved characters and those in `kept`.
std::string percent_encoded(std::string_view text, std::string_view digits, std::string_view kept) {
  std::string result;
  for (const char character : text) {
    const bool unreserved = (character >= 'a' && character <= 'z') ||
                            (character >= 'A' && character <= 'Z') ||
                            (character >= '0' && character <= '9') ||
                            std::string_view("-._~").find(character) != std::string_view::npos;
    if (unreserved || kept.find(character) != std::string_view::npos) {
      result += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    result += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return result;
}

std::string json_escaped(std::string_view text) {
  Buffer buffer;
  append_json_escaped(text, buffer);
  return std::string(buffer.view());
}

/// RFC 4648's base64 of whole groups of six bits; the last, cut group and the padding are left out.
std::string base64_groups(std::string_view text) {
  std::string result;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char character : text) {
    bits = (bits << 8) | static_cast<unsigned char>(character);
    count += 8;
    while (count >= 6) {
      count -= 6;
      result += kBase64[(bits >> count) & 63];
    }
  }
  return result;
}

/// What base64 makes of the text whatever stands before and behind it, when `offset` bytes of a
/// three-byte group come before it.
std::string base64_middle(std::string_view text, std::size_t offset) {
  const std::string shifted = std::string(offset, '\0') + std::string(text);
  const std::size_t foreign = (offset * 8 + 5) / 6;
  return base64_groups(shifted).substr(foreign);
}

std::string url_safe(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::vector<std::string> forms_of(const std::string& text) {
  constexpr std::string_view kSubDelimiters = "!$&'()*+,;=:@/?";
  std::vector<std::string> forms{text, json_escaped(text)};
  for (const std::string_view digits : {"0123456789ABCDEF", "0123456789abcdef"}) {
    forms.push_back(percent_encoded(text, digits, ""));
    forms.push_back(percent_encoded(text, digits, kSubDelimiters));
  }
  for (const std::size_t offset : {0u, 1u, 2u}) {
    const std::string middle = base64_middle(text, offset);
    if (middle.size() >= kMiddleBytesMin || offset == 0) {
      forms.push_back(middle);
      forms.push_back(url_safe(middle));
    }
  }
  return forms;
}

/// Passwords with a final newline and the like are looked for as they are, and trimmed.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

}  // namespace

struct Redactor::Needles {
  mutable std::shared_mutex mutex;
  std::vector<std::string> texts;  ///< longest first
};

Redactor::Redactor() : needles_(std::make_unique<Needles>()) {}
Redactor::~Redactor() = default;

void Redactor::add(const Secret& secret) {
  const std::string text(trimmed(secret.reveal()));
  if (text.size() < kSecretBytesMin) {
    return;
  }
  const std::unique_lock lock(needles_->mutex);
  auto& texts = needles_->texts;
  for (std::string& form : forms_of(text)) {
    if (std::find(texts.begin(), texts.end(), form) == texts.end()) {
      texts.push_back(std::move(form));
    }
  }
  std::stable_sort(
      texts.begin(), texts.end(),
      [](const std::string& left, const std::string& right) { return left.size() > right.size(); });
}

std::string Redactor::redact(std::string_view text) const {
  std::string result(text);
  const std::shared_lock lock(needles_->mutex);
  for (const std::string& needle : needles_->texts) {
    std::size_t at = result.find(needle);
    while (at != std::string::npos) {
      result.replace(at, needle.size(), kMask);
      at = result.find(needle, at + kMask.size());
    }
  }
  return result;
}

}  // namespace rowferry
