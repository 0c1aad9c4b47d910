#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pq/types.hpp"

struct pg_result;

namespace rowferry::pq {

/// Gives a result back to libpq.
struct ClearResult {
  void operator()(pg_result* result) const;
};
using ResultHandle = std::unique_ptr<pg_result, ClearResult>;

/// The rows that a statement returned, in text form, all in memory. Owns them. Views that it hands
/// out live as long as the result.
class Result {
 public:
  Result() = default;
  explicit Result(ResultHandle handle) : handle_(std::move(handle)) {}

  [[nodiscard]] int rows() const;
  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view column_name(int column) const;
  [[nodiscard]] TypeOid column_type(int column) const;
  /// The type modifier (length, precision and scale), -1 when there is none.
  [[nodiscard]] int column_modifier(int column) const;

  [[nodiscard]] bool is_null(int row, int column) const;
  /// The text of a cell, empty when null.
  [[nodiscard]] std::string_view text(int row, int column) const;
  /// The text of a cell, nothing when null.
  [[nodiscard]] std::optional<std::string> optional_text(int row, int column) const;
  /// A cell as a number. Throws Error{internal} when it is null or no integer.
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  /// A cell as a truth value; null is false.
  [[nodiscard]] bool boolean(int row, int column) const;

  /// Rows that an INSERT, UPDATE, DELETE, MERGE or COPY touched; 0 for others.
  [[nodiscard]] std::int64_t affected_rows() const;

 private:
  ResultHandle handle_;
};

}  // namespace rowferry::pq
