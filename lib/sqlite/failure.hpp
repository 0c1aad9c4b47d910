#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace rowferry::sqlite {

/// The Error for a result code of SQLite (https://sqlite.org/rescode.html), extended or not, with
/// the library's message and what the operator can do.
[[nodiscard]] Error to_error(int code, std::string_view message, const std::filesystem::path& path);

}  // namespace rowferry::sqlite
