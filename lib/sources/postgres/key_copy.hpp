#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/row_stream.hpp"

namespace rowferry::postgres {

/// A first or full copy in key order, page by page: for views, queries, foreign tables, and where
/// it is asked for. Without a key the whole is one statement. Pages have snapshots of their own.
class KeyCopy {
 public:
  /// `key`: the last key of a killed run; empty: from the beginning.
  KeyCopy(Pass pass, std::vector<std::string> key);

  /// See Source::next; the batch's position is left to the caller. False: everything was read.
  Task<bool> next(Batch& batch);

  /// The key of the last row handed out.
  [[nodiscard]] const std::vector<std::string>& key() const { return key_; }

  /// Ends the statement in flight. Never throws.
  Task<> close();

 private:
  Task<> start_page();
  Task<bool> read(Batch& batch);
  Task<> wait_until_durable();

  Pass pass_;
  Projection projection_;
  std::vector<std::string> key_;
  std::optional<Decoder> decoder_;
  connections::Lease lease_;
  std::optional<RowStream> stream_;
  std::size_t page_rows_;
  bool over_ = false;
  bool durable_ = false;
};

}  // namespace rowferry::postgres
