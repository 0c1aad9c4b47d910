#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/types.hpp"

namespace rowferry {

/// The binary form of an array: three 32-bit words (dimensions, whether one is NULL, the OID of the
/// element's type), two words a dimension (size, lower bound), then each element with its size in
/// front (-1: NULL), the last dimension running fastest.
namespace array_form {
inline constexpr std::size_t kHeaderBytes = 12;
inline constexpr std::size_t kDimensionBytes = 8;
inline constexpr std::size_t kDimensionsMax = 6;
inline constexpr std::int32_t kNullSize = -1;
}  // namespace array_form

/// How many elements a dimension has, and the index of its first one.
struct ArrayDimension {
  std::int32_t size = 0;
  std::int32_t lower_bound = 1;
};

/// Reads an array's binary form from front to back. Each call throws Error{internal}, naming the
/// type, where the bytes break off or contradict themselves.
class ArrayReader {
 public:
  ArrayReader(const Type& type, std::string_view binary);

  /// The type of the elements.
  [[nodiscard]] const Type& element_type() const { return element_type_; }

  /// Outermost first; none: the array is empty.
  [[nodiscard]] std::span<const ArrayDimension> dimensions() const {
    return {dimensions_.data(), count_};
  }

  /// The next element, nothing for NULL. Called once for each; after the last, `finish`.
  [[nodiscard]] std::optional<std::string_view> next();

  /// Throws unless all bytes were read.
  void finish() const;

 private:
  [[noreturn]] void fail() const;

  Type element_type_;
  std::size_t bytes_;
  std::string_view rest_;
  std::array<ArrayDimension, array_form::kDimensionsMax> dimensions_;
  std::size_t count_ = 0;
};

/// The OID of a type's own kind, as an array's header names it (text for varchar and char).
[[nodiscard]] std::uint32_t element_oid(ColumnType type);

}  // namespace rowferry
