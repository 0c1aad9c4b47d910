#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "http/url.hpp"

namespace rowferry::elasticsearch {

/// What the configuration says of a search cluster. Of the two ways to log in at most one is given.
struct ConnectionSettings {
  std::vector<http::Url> urls;
  std::string username;
  Secret password;
  Secret api_key;
  std::filesystem::path ca_file;
  std::chrono::milliseconds request_timeout{30'000};
};

}  // namespace rowferry::elasticsearch
