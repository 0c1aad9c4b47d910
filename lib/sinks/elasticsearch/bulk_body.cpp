#include "sinks/elasticsearch/bulk_body.hpp"

#include <utility>

namespace rowferry::elasticsearch {
namespace {

// Small enough to be still in the processor's cache when it is compressed.
constexpr std::size_t kPackBytes = 256u << 10;
constexpr std::size_t kKeptBytesMax = 16u << 20;

}  // namespace

std::size_t BulkBody::fill(const BulkEncoder& encoder, const Batch& batch, std::size_t first_row,
                           std::size_t bytes_max) {
  bytes_.clear();
  plain_.clear();
  rows_.clear();
  issues_.clear();
  Buffer& out = compression_ == Compression::gzip ? plain_ : bytes_;
  std::size_t packed = 0;
  std::size_t row = first_row;
  for (; row < batch.rows(); ++row) {
    const std::size_t start = out.size();
    if (auto fault = encoder.append_row(batch, row, scratch_, out)) {
      issues_.push_back({row, false, {}, std::move(*fault)});
      continue;
    }
    if (packed + out.size() > bytes_max && !rows_.empty()) {
      out.truncate(start);
      break;
    }
    rows_.push_back(row);
    if (compression_ == Compression::gzip && plain_.size() >= kPackBytes) {
      packed += plain_.size();
      pack();
    }
  }
  if (compression_ == Compression::gzip && !rows_.empty()) {
    pack();
    gzip_.finish(bytes_);
  }
  return row;
}

void BulkBody::pack() {
  gzip_.write(plain_.view(), bytes_);
  plain_.clear();
}

void BulkBody::trim() {
  bytes_.clear_and_trim(kKeptBytesMax);
  plain_.clear_and_trim(2 * kPackBytes);
}

}  // namespace rowferry::elasticsearch
