#pragma once

#include <string_view>

#include "core/batch.hpp"
#include "core/schema.hpp"

namespace rowferry {

/// Whether a file's rows say what happened to them: `_op` (`upsert` or `delete`) and `_sequence`
/// after the row's own columns. Then the columns that identify the row are written always, asked
/// for or not: a change without its key is worth nothing.
enum class ChangeColumns : bool { no = false, yes = true };

inline constexpr std::string_view kOperationColumn = "_op";
inline constexpr std::string_view kSequenceColumn = "_sequence";

/// Whether a column reaches the file.
[[nodiscard]] constexpr bool is_written(const Column& column, ChangeColumns change_columns) {
  return !column.identity_only || change_columns == ChangeColumns::yes;
}

/// The value of `_op`.
[[nodiscard]] constexpr std::string_view operation_word(Operation operation) {
  return operation == Operation::remove ? "delete" : "upsert";
}

}  // namespace rowferry
