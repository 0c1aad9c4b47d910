#pragma once

#include <string>
#include <string_view>

namespace rowferry {

/// A text as one component of a key: letters, digits, `_`, `-` and `.` stay, every other byte
/// becomes `%XX`, and so does a leading dot. So no value can leave its folder or hide.
[[nodiscard]] std::string to_key_component(std::string_view text);

}  // namespace rowferry
