#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/buffer.hpp"

namespace rowferry {

/// Writes gzip (RFC 1952) in pieces, by ISA-L at its fastest level: about 0.9 GB/s and a ratio of
/// 4.6 on rows of JSON. Burns a processor: call it on a worker thread. One member at a time.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(GzipWriter&&) noexcept;
  GzipWriter& operator=(GzipWriter&&) noexcept;

  /// Compresses more of the input; appends what is ready to `out`.
  void write(std::string_view input, Buffer& out);

  /// Ends the member: appends the rest and the checksum. The next `write` begins another one.
  void finish(Buffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Appends `input` as one gzip member.
void gzip(std::string_view input, Buffer& out);

/// Appends the content of one or more gzip members. Throws Error{internal} when the bytes are
/// damaged, cut off, or hold more than `bytes_max`; what was appended by then stays.
void gunzip(std::string_view input, std::size_t bytes_max, Buffer& out);

}  // namespace rowferry
