#pragma once

#include <chrono>
#include <cstddef>

namespace rowferry::api {

/// What clients may use up.
struct Limits {
  /// Clients that ask; those who listen to events are counted apart. When one more comes, who has
  /// been idle or slow for longest makes way.
  std::size_t connections_max = 512;
  std::size_t header_bytes_max = 16u << 10;
  std::size_t body_bytes_max = 1u << 20;
  /// Bodies that are being read, of all clients together, but always one of the largest.
  std::size_t bodies_bytes_max = 32u << 20;
  /// From a connection's begin, or a later request's first byte, to the end of its headers.
  std::chrono::milliseconds header_timeout{10'000};
  /// For a whole body, and for each piece of an answer.
  std::chrono::milliseconds body_timeout{30'000};
  /// Between requests.
  std::chrono::milliseconds idle_timeout{60'000};
  /// After the last answer of a connection, for what the client still sends: without it the answer
  /// may be lost to a reset (RFC 9112 section 9.6).
  std::chrono::milliseconds linger_timeout{5'000};
};

}  // namespace rowferry::api
