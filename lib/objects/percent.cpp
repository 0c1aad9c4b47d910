#include "objects/percent.hpp"

namespace rowferry {
namespace {

bool stays(char character, bool first) {
  const bool letter =
      (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
  const bool digit = character >= '0' && character <= '9';
  return letter || digit || character == '_' || character == '-' || (character == '.' && !first);
}

}  // namespace

std::string to_key_component(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string component;
  for (const char character : text) {
    if (stays(character, component.empty())) {
      component += character;
    } else {
      const auto byte = static_cast<unsigned char>(character);
      component += '%';
      component += kDigits[byte >> 4];
      component += kDigits[byte & 15];
    }
  }
  return component;
}

}  // namespace rowferry
