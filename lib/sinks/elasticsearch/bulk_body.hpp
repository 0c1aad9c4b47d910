#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/compression.hpp"
#include "sinks/elasticsearch/encoder.hpp"

namespace rowferry::elasticsearch {

/// The most bytes of one request before compression; servers take 100 MB
/// (`http.max_content_length`, counted uncompressed) unless told otherwise.
inline constexpr std::size_t kRequestBytesMax = 64u << 20;

/// The body of one `_bulk` request, and which rows of the batch stand in it. Keeps its memory to be
/// filled again. Filling burns a processor: do it on a worker thread.
class BulkBody {
 public:
  explicit BulkBody(Compression compression) : compression_(compression) {}

  /// Fills the body anew with rows of the batch from `first_row` on, until the batch ends or
  /// `bytes_max` is reached (one row at least, whatever its size). Rows that can never be sent are
  /// left out, and go to `issues`. Gives the row to go on with.
  [[nodiscard]] std::size_t fill(const BulkEncoder& encoder, const Batch& batch,
                                 std::size_t first_row, std::size_t bytes_max);

  /// The body as it is sent.
  [[nodiscard]] const Buffer& bytes() const { return bytes_; }
  /// The rows in it, one an item of the reply.
  [[nodiscard]] const std::vector<std::size_t>& rows() const { return rows_; }
  /// What `fill` found unfit.
  [[nodiscard]] const std::vector<RowIssue>& issues() const { return issues_; }
  [[nodiscard]] Compression compression() const { return compression_; }

  /// Gives memory beyond a few megabytes back.
  void trim();

 private:
  void pack();

  Compression compression_;
  BulkEncoder::Scratch scratch_;
  Buffer plain_;  ///< rows that wait for compression
  Buffer bytes_;
  GzipWriter gzip_;
  std::vector<std::size_t> rows_;
  std::vector<RowIssue> issues_;
};

}  // namespace rowferry::elasticsearch
