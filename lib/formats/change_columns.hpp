#pragma once

#include <string_view>

#include "core/batch.hpp"

namespace rowferry {

/// Whether a file's rows say what happened to them: `_op` (`upsert` or `delete`) and `_sequence`
/// after the row's own columns.
enum class ChangeColumns : bool { no = false, yes = true };

/// The value of `_op`.
[[nodiscard]] constexpr std::string_view operation_word(Operation operation) {
  return operation == Operation::remove ? "delete" : "upsert";
}

}  // namespace rowferry
