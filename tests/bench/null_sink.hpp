#pragma once

#include "config/components.hpp"

namespace rowferry::bench {

/// A connection of type `null`: no server, always up.
[[nodiscard]] MakeConnection parse_null_connection(const std::string& name,
                                                   const config::Node& node);

/// Its sink takes the keys of the elasticsearch sink, writes the bodies of `_bulk` requests, and
/// drops them: what is left is reading, moving and encoding.
[[nodiscard]] config::ParsedSink parse_null_sink(const JobSettings& job, const config::Node& sink);

}  // namespace rowferry::bench
