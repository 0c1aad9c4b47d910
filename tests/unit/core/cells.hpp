#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/big_endian.hpp"
#include "base/buffer.hpp"
#include "base/error.hpp"
#include "core/cell_from_text.hpp"
#include "core/cell_json.hpp"
#include "core/cell_text.hpp"
#include "core/types.hpp"

namespace rowferry::test {

/// Integers one after the other, in network byte order.
template <class... Integers>
std::string big_endian(Integers... values) {
  std::string bytes;
  const auto append = [&bytes](auto value) {
    bytes.resize(bytes.size() + sizeof value);
    store_big_endian(value, bytes.data() + bytes.size() - sizeof value);
  };
  (append(values), ...);
  return bytes;
}

inline Type scalar(ColumnType element) { return Type{.element = element}; }
inline Type array(ColumnType element) { return Type{.element = element, .is_array = true}; }

using Codec = void (*)(const Type& type, std::string_view binary, Buffer& out);

/// What a codec makes of a cell that has its memory to itself, so that the sanitizer sees a read
/// beyond it.
inline std::string printed(Codec append, const Type& type, std::string_view binary) {
  const auto alone = std::make_unique<char[]>(binary.size());
  std::ranges::copy(binary, alone.get());
  Buffer out;
  append(type, {alone.get(), binary.size()}, out);
  return std::string(out.view());
}

inline std::string text_of(const Type& type, std::string_view binary) {
  return printed(append_cell_text, type, binary);
}
inline std::string text_of(ColumnType type, std::string_view binary) {
  return text_of(scalar(type), binary);
}
inline std::string json_of(const Type& type, std::string_view binary) {
  return printed(append_cell_json, type, binary);
}
inline std::string json_of(ColumnType type, std::string_view binary) {
  return json_of(scalar(type), binary);
}

/// The cell of a text; nothing when it does not fit. Checks that a misfit leaves nothing behind.
inline std::optional<std::string> cell_of(const Type& type, std::string_view text) {
  Buffer out;
  out.append("before");
  if (cell_from_text(type, text, out) == TextFit::fits) {
    return std::string(out.view().substr(6));
  }
  EXPECT_EQ(out.view(), "before") << text;
  return std::nullopt;
}

/// The canonical text of what a text is read as; `malformed` or `out of range` when it does not
/// fit.
inline std::string read_back(const Type& type, std::string_view text) {
  const auto cell = cell_of(type, text);
  if (cell) {
    return text_of(type, *cell);
  }
  Buffer out;
  return cell_from_text(type, text, out) == TextFit::malformed ? "malformed" : "out of range";
}
inline std::string read_back(ColumnType type, std::string_view text) {
  return read_back(scalar(type), text);
}

}  // namespace rowferry::test
