#pragma once

namespace rowferry {

/// Whether a file's rows say what happened to them: `_op` (`upsert` or `delete`) and `_sequence`
/// after the row's own columns.
enum class ChangeColumns : bool { no = false, yes = true };

}  // namespace rowferry
