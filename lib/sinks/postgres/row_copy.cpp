#include "sinks/postgres/row_copy.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/big_endian.hpp"

namespace rowferry::postgres_sink {
namespace {

// Signature, flags, and the size of an extension that is not there.
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::size_t kSizeBytes = 4;
constexpr std::int32_t kNull = -1;
// About what a socket holds: the server reads one piece while the next is made.
constexpr std::size_t kPieceBytes = 128u << 10;

template <class Integer>
void append_integer(Integer value, Buffer& out) {
  char* end = out.prepare(sizeof value);
  out.commit_to(store_big_endian(value, end));
}

void append_head(const Batch& batch, std::size_t row, Buffer& out) {
  append_integer(std::int32_t{4}, out);
  append_integer(static_cast<std::int32_t>(row), out);
  append_integer(std::int32_t{1}, out);
  out.append(batch.operation(row) == Operation::remove ? '\1' : '\0');
}

// Whether the four bytes before the cell are its size: then it stands there as COPY wants it.
bool is_framed(std::string_view block, const Cell& cell) {
  return cell.offset >= kSizeBytes &&
         load_big_endian<std::uint32_t>(block.data() + cell.offset - kSizeBytes) == cell.size;
}

// A stretch of the block that is copied at once.
class Stretch {
 public:
  Stretch(std::string_view block, Buffer& out) : block_(block), out_(out) {}

  void add(const Cell& cell) {
    if (cell.is_null()) {
      add_null();
      return;
    }
    if (!is_framed(block_, cell)) {
      end();
      append_integer(static_cast<std::int32_t>(cell.size), out_);
      out_.append(block_.substr(cell.offset, cell.size));
      return;
    }
    const std::size_t first = cell.offset - kSizeBytes;
    if (first != last_) {
      end();
      first_ = first;
    }
    last_ = cell.offset + cell.size;
  }

  void end() {
    if (last_ > first_) {
      out_.append(block_.substr(first_, last_ - first_));
    }
    first_ = last_ = 0;
  }

 private:
  void add_null() {
    const bool is_next = last_ > first_ && last_ + kSizeBytes <= block_.size() &&
                         load_big_endian<std::int32_t>(block_.data() + last_) == kNull;
    if (is_next) {
      last_ += kSizeBytes;
      return;
    }
    end();
    append_integer(kNull, out_);
  }

  std::string_view block_;
  Buffer& out_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

}  // namespace

RowCopy::RowCopy(const Batch& batch, const WritePlan& plan, std::span<const std::size_t> rows,
                 RowHead head)
    : batch_(batch), plan_(plan), rows_(rows), head_(head) {}

bool RowCopy::next(Buffer& out) {
  if (!std::exchange(is_begun_, true)) {
    out.append(kHeader);
  }
  while (!rows_.empty() && out.size() < kPieceBytes) {
    append_row(rows_.front(), out);
    rows_ = rows_.subspan(1);
  }
  if (rows_.empty()) {
    append_integer(std::int16_t{-1}, out);
  }
  bytes_ += out.size();
  return !rows_.empty();
}

void RowCopy::append_row(std::size_t row, Buffer& out) const {
  const std::size_t extra = head_ == RowHead::staging ? 2 : 0;
  append_integer(static_cast<std::int16_t>(plan_.columns.size() + extra), out);
  if (head_ == RowHead::staging) {
    append_head(batch_, row, out);
  }
  Stretch stretch(batch_.block().view(), out);
  const Cell* cells = batch_.row(row);
  for (const WrittenColumn& column : plan_.columns) {
    stretch.add(cells[column.index]);
  }
  stretch.end();
}

}  // namespace rowferry::postgres_sink
