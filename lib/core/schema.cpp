#include "core/schema.hpp"

#include <fmt/format.h>

namespace rowferry {

std::optional<std::size_t> Schema::find(std::string_view name) const {
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (columns[index].name == name) {
      return index;
    }
  }
  return std::nullopt;
}

std::string Schema::fingerprint() const {
  std::string text = fmt::format("{}\n", table);
  for (const Column& column : columns) {
    text += fmt::format("{}\t{}\t{}\t{}\t{}\n", column.name, to_string(column.type),
                        column.source_type, column.nullable, column.identity_only);
  }
  for (const std::size_t index : identity) {
    text += fmt::format("i{} ", index);
  }
  for (const std::size_t index : key) {
    text += fmt::format("k{} ", index);
  }
  return text;
}

}  // namespace rowferry
