// Every sink of the program, and the fakes of tests/support: one line each.
#include "tests/contract/sink_contract.hpp"

#include <gtest/gtest.h>

#include "tests/contract/sink_harnesses.hpp"

namespace rowferry::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Sinks, SinkContract,
                         testing::Values(SinkKind{"fake_versioned", make_versioned_harness},
                                         SinkKind{"fake_transactional", make_transactional_harness},
                                         SinkKind{"fake_object", make_object_harness},
                                         SinkKind{"file", make_file_harness},
                                         SinkKind{"file_small_objects", make_small_objects_harness},
                                         SinkKind{"file_by_column", make_file_by_column_harness},
                                         SinkKind{"elasticsearch", make_elasticsearch_harness},
                                         SinkKind{"opensearch", make_opensearch_harness},
                                         SinkKind{"postgres", make_postgres_harness},
                                         SinkKind{"postgres_staged", make_postgres_staged_harness}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace rowferry::test
