#pragma once

#include <memory>

#include "tests/contract/sink_contract.hpp"

namespace rowferry::test {

[[nodiscard]] std::unique_ptr<SinkHarness> make_versioned_harness(TestLoop& loop);
[[nodiscard]] std::unique_ptr<SinkHarness> make_transactional_harness(TestLoop& loop);
[[nodiscard]] std::unique_ptr<SinkHarness> make_object_harness(TestLoop& loop);

[[nodiscard]] std::unique_ptr<SinkHarness> make_file_harness(TestLoop& loop);
/// Files of at most 1 KiB, so that every test seals some in the middle.
[[nodiscard]] std::unique_ptr<SinkHarness> make_small_objects_harness(TestLoop& loop);
/// A folder a title, of which two are open at once.
[[nodiscard]] std::unique_ptr<SinkHarness> make_file_by_column_harness(TestLoop& loop);

/// Indices of the real servers.
[[nodiscard]] std::unique_ptr<SinkHarness> make_elasticsearch_harness(TestLoop& loop);
[[nodiscard]] std::unique_ptr<SinkHarness> make_opensearch_harness(TestLoop& loop);

/// Tables of the real PostgreSQL: one that the sink makes, and one whose columns have other types
/// than the cells, so that no batch goes straight in.
[[nodiscard]] std::unique_ptr<SinkHarness> make_postgres_harness(TestLoop& loop);
[[nodiscard]] std::unique_ptr<SinkHarness> make_postgres_staged_harness(TestLoop& loop);

}  // namespace rowferry::test
