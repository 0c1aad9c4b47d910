#include "connections/elasticsearch/authorization.hpp"

#include <openssl/evp.h>

#include <string_view>

namespace rowferry::elasticsearch {
namespace {

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace

std::string authorization(const ConnectionSettings& settings) {
  if (!settings.api_key.empty()) {
    const std::string& key = settings.api_key.reveal();
    return "ApiKey " + (key.find(':') == std::string::npos ? key : base64(key));
  }
  if (!settings.username.empty()) {
    return "Basic " + base64(settings.username + ":" + settings.password.reveal());
  }
  return {};
}

}  // namespace rowferry::elasticsearch
