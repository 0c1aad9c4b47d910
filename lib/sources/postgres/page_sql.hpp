#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sources/postgres/mark.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/projection.hpp"

namespace rowferry::postgres {

/// `t."updated_at" >= ...`: the rows that a poll from this base must look at; empty without a
/// bound. A cursor without time zone is looked back at for 26 hours more, where nothing says in
/// which zone it was written, else for the two hours that clocks may be set back. Where exact mode
/// was lost, the base's low mark is looked behind by the overlap.
[[nodiscard]] std::string time_bound(const Pass& pass, const Mark& base);

/// The rows that a pass with this bound may send: with those whose cursor is NULL.
[[nodiscard]] std::string bound_with_nulls(const Pass& pass, const std::string& bound);

/// The test of a row's transaction against a base (see correctness: xmin, seen); empty: every row.
[[nodiscard]] std::string transaction_filter(const Mark& base, bool all);

/// `(t."a", t."b") > ('1'::integer, 'x'::text)`.
[[nodiscard]] std::string behind(const Table& table, const std::vector<std::string>& columns,
                                 const std::vector<std::string>& values);

/// What a copy selects its rows for.
[[nodiscard]] Purpose copy_purpose(const Pass& pass);

/// One page of a poll in cursor order, or in key order over the rows whose cursor is NULL; rows
/// with NULL in the key are left to the section behind (`keyless`), which has no order.
[[nodiscard]] std::string page_select(const Pass& pass, const Projection& projection,
                                      const std::string& filter, const PageProgress& progress,
                                      std::size_t rows);

/// Whether there is anything to send: one cheap row. In exact mode a clock that is behind the
/// base's low mark is a reason to read, too.
[[nodiscard]] std::string any_row_select(const Pass& pass, const Mark& base,
                                         const std::string& bound, const std::string& filter);

/// One page of a copy in key order; without the rows that have NULL in the key.
[[nodiscard]] std::string key_page_select(const Pass& pass, const Projection& projection,
                                          const std::vector<std::string>& key, std::size_t rows);

/// The rows of a copy that have NULL in the key.
[[nodiscard]] std::string keyless_copy_select(const Pass& pass, const Projection& projection,
                                              std::size_t rows);

/// Throws Error{config} when rows with NULL in the key, read in one page, may be more than that.
void refuse_many_keyless(const Pass& pass, std::size_t rows, std::size_t page_rows);

/// The rows of keys, a JSON array of objects; see `keyed_projection`.
[[nodiscard]] std::string keyed_select(const Table& table, const Projection& projection,
                                       const std::string& keys_json);

/// The whole table, view or query in one statement.
[[nodiscard]] std::string whole_select(const Pass& pass, const Projection& projection);

/// The rows of a range of blocks, in the order in which they lie. Conditions of the job are tested
/// behind a fence (OFFSET 0): they must not tempt the planner to another order.
[[nodiscard]] std::string range_select(const Pass& pass, const Projection& projection,
                                       const Leaf& leaf, const OpenRange& range);

/// What must be set around `range_select`: rows must come in the order in which they lie, so no
/// parallel scan, nothing but the range of ctid.
inline constexpr std::string_view kRangeSettings =
    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL enable_seqscan = off;"
    "SET LOCAL jit = off;";

/// The joined conditions that are not empty, with AND; `true` when all are.
[[nodiscard]] std::string all_of(const std::vector<std::string>& conditions);

}  // namespace rowferry::postgres
