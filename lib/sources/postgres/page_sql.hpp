#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sources/postgres/mark.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/projection.hpp"

namespace rowferry::postgres {

/// `t."updated_at" >= ...`: the rows that a poll from this low mark must look at; empty without a
/// bound. A cursor without time zone is looked back at for 26 hours more, since nothing says in
/// which zone it was written.
[[nodiscard]] std::string time_bound(const Pass& pass, const std::string& low);

/// The test of a row's transaction against a base (see correctness: xmin, seen); empty: every row.
[[nodiscard]] std::string transaction_filter(const Mark& base, bool all);

/// `(t."a", t."b") > ('1'::integer, 'x'::text)`.
[[nodiscard]] std::string behind(const Table& table, const std::vector<std::string>& columns,
                                 const std::vector<std::string>& values);

/// One page of a poll in cursor order, or in key order over the rows whose cursor is NULL.
[[nodiscard]] std::string page_select(const Pass& pass, const Projection& projection,
                                      const std::string& filter, const PageProgress& progress,
                                      std::size_t rows);

/// Whether there is anything to send: one cheap row.
[[nodiscard]] std::string any_row_select(const Pass& pass, const std::string& bound,
                                         const std::string& filter);

/// One page of a copy in key order; without a key the whole table or query.
[[nodiscard]] std::string key_page_select(const Pass& pass, const Projection& projection,
                                          const std::vector<std::string>& key, std::size_t rows);

/// The rows of a range of blocks.
[[nodiscard]] std::string range_select(const Pass& pass, const Projection& projection,
                                       const Leaf& leaf, const OpenRange& range);

/// The joined conditions that are not empty, with AND; `true` when all are.
[[nodiscard]] std::string all_of(const std::vector<std::string>& conditions);

}  // namespace rowferry::postgres
