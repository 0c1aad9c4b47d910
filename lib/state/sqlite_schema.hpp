#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "sqlite/database.hpp"

namespace rowferry {

/// Opens the state file, made with its tables when it is new (its folder too, for this user alone),
/// in WAL mode with every commit synced. Throws Error{config} for a file of something else or of a
/// newer version, and Error{internal} that says what to do for a damaged one.
[[nodiscard]] sqlite::Database open_state_file(const std::filesystem::path& path);

/// The Error for a state file that SQLite finds damaged.
[[nodiscard]] Error damaged_file(const std::filesystem::path& path, std::string_view finding);

}  // namespace rowferry
