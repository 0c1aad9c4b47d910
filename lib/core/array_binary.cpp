#include "core/array_binary.hpp"

#include "core/binary_cell.hpp"

namespace rowferry {

using namespace array_form;

ArrayReader::ArrayReader(const Type& type, std::string_view binary)
    : element_type_(type), bytes_(binary.size()), rest_(binary) {
  element_type_.is_array = false;
  if (binary.size() < kHeaderBytes) {
    fail();
  }
  const auto count = load_big_endian<std::uint32_t>(binary.data());
  if (count > kDimensionsMax || binary.size() < kHeaderBytes + count * kDimensionBytes) {
    fail();
  }
  count_ = count;
  // Each element has at least its size, so the bytes bound the product of the dimensions.
  const std::size_t elements_max = binary.size() / sizeof(std::int32_t);
  std::size_t elements = 1;
  for (std::size_t index = 0; index < count_; ++index) {
    const char* words = binary.data() + kHeaderBytes + index * kDimensionBytes;
    dimensions_[index] = {load_big_endian<std::int32_t>(words),
                          load_big_endian<std::int32_t>(words + 4)};
    if (dimensions_[index].size < 0) {
      fail();
    }
    elements *= static_cast<std::size_t>(dimensions_[index].size);
    if (elements > elements_max) {
      fail();
    }
  }
  rest_.remove_prefix(kHeaderBytes + count_ * kDimensionBytes);
  if (elements == 0) {
    count_ = 0;
  }
}

std::optional<std::string_view> ArrayReader::next() {
  if (rest_.size() < sizeof(std::int32_t)) {
    fail();
  }
  const auto size = load_big_endian<std::int32_t>(rest_.data());
  rest_.remove_prefix(sizeof size);
  if (size == kNullSize) {
    return std::nullopt;
  }
  if (size < 0 || static_cast<std::size_t>(size) > rest_.size()) {
    fail();
  }
  const std::string_view element = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(element.size());
  return element;
}

void ArrayReader::finish() const {
  if (!rest_.empty()) {
    fail();
  }
}

void ArrayReader::fail() const {
  Type type = element_type_;
  type.is_array = true;
  throw_malformed_cell(type, bytes_);
}

std::uint32_t element_oid(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return 16;
    case ColumnType::int16:
      return 21;
    case ColumnType::int32:
      return 23;
    case ColumnType::int64:
      return 20;
    case ColumnType::float32:
      return 700;
    case ColumnType::float64:
      return 701;
    case ColumnType::numeric:
      return 1700;
    case ColumnType::text:
      return 25;
    case ColumnType::bytes:
      return 17;
    case ColumnType::uuid:
      return 2950;
    case ColumnType::json:
      return 114;
    case ColumnType::jsonb:
      return 3802;
    case ColumnType::date:
      return 1082;
    case ColumnType::time:
      return 1083;
    case ColumnType::timestamp:
      return 1114;
    case ColumnType::timestamptz:
      return 1184;
    case ColumnType::interval:
      return 1186;
  }
  return 25;
}

}  // namespace rowferry
