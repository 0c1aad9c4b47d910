#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "connections/elasticsearch/server_error.hpp"
#include "core/batch.hpp"

namespace rowferry::elasticsearch {

/// What became of one item.
enum class Verdict : std::uint8_t {
  taken,   ///< done, or a version as high as ours is there already
  retry,   ///< overload: the same item again, later
  reject,  ///< refused for good
  beyond,  ///< the index or ourselves are refused, not this row
};

/// Judges an item by its action, status and error.
[[nodiscard]] Verdict judge(Operation operation, unsigned status, const ServerError& error);

/// Sorts the items of a `_bulk` reply out: the rows that were not taken. `rows` are the rows of the
/// batch that were sent, in order. Nothing is assumed: a reply that is cut off, is no JSON, has
/// another number of items or other actions than were sent, or items without a status, is
/// Error{transient}, reason `protocol`; so is, with a reason of its own, what concerns the whole
/// index (missing, closed, read-only, forbidden). `errors` is not believed, the items are.
[[nodiscard]] std::vector<RowIssue> sort_out_reply(std::string_view body, const Batch& batch,
                                                   std::span<const std::size_t> rows);

}  // namespace rowferry::elasticsearch
