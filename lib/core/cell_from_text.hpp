#pragma once

#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "core/text_fit.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Appends the binary form of a text, the inverse of `append_cell_text`: what the type's `recv`
/// function on the server takes, and for a text that the server printed the very bytes that `send`
/// gave. On a misfit nothing is appended.
///
/// Beyond the canonical text it takes what PostgreSQL takes and other sources write: blanks around
/// all but text, json and bytes; `t`, `yes`, `on`, `1` and so on for booleans; exponents; capital
/// letters and braces in a uuid; `T` between date and time, and a missing time of day or seconds; a
/// zone (`Z`, `+02`, `+0530`, `-03:30`) for timestamptz, UTC when there is none. A timestamp takes
/// no zone but UTC: to drop one would change the value. Digits of a second beyond the sixth round.
///
/// The type's precision, scale and length hold: numeric(p,s) rounds half away from zero to s digits
/// and is out of range beyond p; text longer than `length` characters is out of range, never cut.
/// Text must be UTF-8 without NUL. json and jsonb must be JSON, for jsonb also without `\u0000` and
/// half surrogate pairs; json is kept as written, jsonb too, but on one line (the server's own form
/// of it comes only from the server). An array's header names the element's own type (text also for
/// varchar).
[[nodiscard]] TextFit cell_from_text(const Type& type, std::string_view text, Buffer& out);

/// The sentence for a misfit: `"70000" is out of range for type smallint`. Long texts are cut.
[[nodiscard]] std::string explain_misfit(TextFit fit, const Type& type, std::string_view text);

}  // namespace rowferry
