#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "objects/encoded_rows.hpp"
#include "objects/manifest.hpp"
#include "objects/row_digest.hpp"
#include "sinks/file/object_folder.hpp"

namespace rowferry::file {

/// An object that is being written, under a hidden name until it is sealed. All calls block; after
/// an error the object must be abandoned. Abandoning (the destructor) leaves the hidden file to
/// whoever reads the intents.
class ObjectFile {
 public:
  /// Begins the object of that key with a header. `line_end_bytes` end each row and are no part of
  /// its digest.
  ObjectFile(const ObjectFolder& folder, std::string key, std::string_view header,
             std::size_t line_end_bytes);

  /// Appends the rows [first, last).
  void append(const EncodedRows& rows, std::size_t first, std::size_t last);

  /// Makes the object durable, then visible, then its name durable.
  [[nodiscard]] ObjectEntry seal(const ObjectFolder& folder);

 private:
  void append_bytes(std::string_view bytes);
  void write_out();

  std::string key_;
  File file_;
  Buffer unwritten_;
  Sha256 sha256_;
  RowDigest digest_;
  std::size_t line_end_bytes_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace rowferry::file
