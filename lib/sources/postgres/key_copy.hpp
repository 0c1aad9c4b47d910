#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/row_stream.hpp"

namespace rowferry::postgres {

/// A first or full copy by statements that any relation takes: for views, queries, foreign tables,
/// and where it is asked for.
class KeyCopy {
 public:
  enum class Order {
    /// Page by page in key order. Each page has a snapshot of its own; a killed run goes on behind
    /// the last one.
    pages,
    /// One statement, so that there is one snapshot; it cannot go on where it ended.
    whole,
  };

  /// `key`: the last key of a killed run; empty: from the beginning.
  KeyCopy(Pass pass, Order order, std::vector<std::string> key);

  /// See Source::next; the batch's position is left to the caller. False: everything was read.
  Task<bool> next(Batch& batch);

  /// The key of the last row handed out; empty for a whole.
  [[nodiscard]] const std::vector<std::string>& key() const { return key_; }

  /// The incarnation that each session must belong to; empty: not asked for.
  void expect(std::string incarnation) { incarnation_ = std::move(incarnation); }

  /// Ends the statement in flight. Never throws.
  Task<> close();

 private:
  [[nodiscard]] bool is_whole() const { return order_ == Order::whole; }
  [[nodiscard]] bool may_retry(const Error& error) const;
  [[nodiscard]] bool ends_with(std::size_t rows);
  Task<> start_statement();
  Task<bool> read(Batch& batch);

  Pass pass_;
  Order order_;
  Projection projection_;
  std::vector<std::string> key_;
  std::string incarnation_;
  std::optional<Decoder> decoder_;
  connections::Lease lease_;
  std::optional<RowStream> stream_;
  std::size_t page_rows_;
  bool keyless_ = false;
  bool over_ = false;
};

}  // namespace rowferry::postgres
