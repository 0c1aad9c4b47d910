#pragma once

#include <cstddef>
#include <string_view>

namespace rowferry::pq {

/// The size of the header at the start of the first message of a binary COPY stream (PostgreSQL
/// manual, COPY, "Binary Format"). 0 when the message does not begin with one that we know.
[[nodiscard]] std::size_t binary_copy_header_size(std::string_view message);

/// Whether a message of a binary COPY stream, its header taken off, is the trailer behind the last
/// tuple.
[[nodiscard]] bool is_binary_copy_trailer(std::string_view message);

}  // namespace rowferry::pq
