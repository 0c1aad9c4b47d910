#include "core/array_cell.hpp"

#include "base/big_endian.hpp"
#include "base/error.hpp"

namespace rowferry {
namespace {

constexpr std::int32_t kDimensionsMax = 6;

// Reads numbers and elements in order; throws at the end of the bytes.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view rest) : rest_(rest) {}

  std::int32_t number() { return load_big_endian<std::int32_t>(bytes(4).data()); }

  std::string_view bytes(std::size_t count) {
    require(rest_.size() >= count);
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  static void require(bool good) {
    if (!good) {
      throw Error(Failure::internal, "the bytes of a cell are no array");
    }
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

}  // namespace

ArrayCell parse_array(std::string_view binary) {
  ArrayReader reader(binary);
  ArrayCell array;
  const std::int32_t dimensions = reader.number();
  ArrayReader::require(dimensions >= 0 && dimensions <= kDimensionsMax);
  reader.number();  // whether there are nulls
  reader.number();  // the element's type
  std::size_t count = dimensions == 0 ? 0 : 1;
  for (std::int32_t index = 0; index < dimensions; ++index) {
    ArrayDimension dimension;
    dimension.size = reader.number();
    dimension.lower_bound = reader.number();
    ArrayReader::require(dimension.size >= 0);
    count *= static_cast<std::size_t>(dimension.size);
    // Each element takes four bytes at least: a wrong count cannot make us reserve the world.
    ArrayReader::require(count <= binary.size());
    array.dimensions.push_back(dimension);
  }
  array.elements.reserve(count);
  for (std::size_t index = 0; index < count; ++index) {
    const std::int32_t size = reader.number();
    if (size < 0) {
      array.elements.emplace_back(std::nullopt);
    } else {
      array.elements.emplace_back(reader.bytes(static_cast<std::size_t>(size)));
    }
  }
  ArrayReader::require(reader.left() == 0);
  return array;
}

}  // namespace rowferry
