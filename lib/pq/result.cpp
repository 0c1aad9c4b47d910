#include "pq/result.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>

#include "base/error.hpp"

namespace rowferry::pq {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || text.empty()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

void ClearResult::operator()(pg_result* result) const { PQclear(result); }

int Result::rows() const { return PQntuples(handle_.get()); }

int Result::columns() const { return PQnfields(handle_.get()); }

std::string_view Result::column_name(int column) const {
  const char* name = PQfname(handle_.get(), column);
  return name == nullptr ? "" : name;
}

TypeOid Result::column_type(int column) const { return PQftype(handle_.get(), column); }

int Result::column_modifier(int column) const { return PQfmod(handle_.get(), column); }

bool Result::is_null(int row, int column) const {
  return PQgetisnull(handle_.get(), row, column) != 0;
}

std::string_view Result::text(int row, int column) const {
  const char* value = PQgetvalue(handle_.get(), row, column);
  if (value == nullptr) {
    return {};
  }
  return {value, static_cast<std::size_t>(PQgetlength(handle_.get(), row, column))};
}

std::optional<std::string> Result::optional_text(int row, int column) const {
  if (is_null(row, column)) {
    return std::nullopt;
  }
  return std::string(text(row, column));
}

std::int64_t Result::integer(int row, int column) const {
  const std::optional<std::int64_t> value = whole_number(text(row, column));
  if (!value) {
    throw Error(Failure::internal, fmt::format("the server's \"{}\" is no whole number: \"{}\"",
                                               column_name(column), text(row, column)));
  }
  return *value;
}

bool Result::boolean(int row, int column) const { return text(row, column) == "t"; }

std::int64_t Result::affected_rows() const {
  return whole_number(PQcmdTuples(handle_.get())).value_or(0);
}

}  // namespace rowferry::pq
