// The search sink before both real servers.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/async.hpp"
#include "base/error.hpp"
#include "sinks/elasticsearch/sink.hpp"
#include "tests/support/search_index.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/test_rows.hpp"
#include "tests/support/toxic_proxy.hpp"

namespace rowferry {
namespace {

using test::removal;
using test::test_schema;
using test::TestRow;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class SearchSink : public testing::TestWithParam<const char*> {
 protected:
  SearchSink() { settings_.index = index_.name(); }

  /// The sink, made at first use, so that a test may say its settings and URL before.
  ElasticsearchSink& sink() {
    if (!sink_) {
      elasticsearch::ConnectionSettings connection;
      connection.urls.push_back(http::parse_url(url_).value());
      connection.request_timeout = timeout_;
      sink_ = std::make_unique<ElasticsearchSink>(
          std::make_shared<ElasticsearchConnection>("search", connection, loop_.runtime()),
          settings_, loop_.runtime());
    }
    return *sink_;
  }

  void open(const SchemaPointer& schema = test_schema()) {
    loop_.run(sink().close());
    loop_.run(sink().open(schema, loop_.context(1), Receipt{}));
  }

  WriteResult write(const std::vector<TestRow>& rows, std::int64_t sequence) {
    return write_batch(test::make_batch(test_schema(), rows, sequence));
  }

  WriteResult write_batch(Batch batch) {
    batch.read_at = loop_.clock().steady_now();
    return loop_.run(sink().write(batch));
  }

  Error failure(const std::vector<TestRow>& rows, std::int64_t sequence) {
    try {
      write(rows, sequence);
    } catch (const Error& error) {
      return error;
    }
    return {Failure::internal, "it did not fail"};
  }

  Error open_failure() {
    try {
      open();
    } catch (const Error& error) {
      return error;
    }
    return {Failure::internal, "it did not fail"};
  }

  void set(std::string_view setting) {
    index_.request(http::Method::put, "/" + index_.name() + "/_settings", setting);
  }

  test::TestLoop loop_;
  test::SearchIndex index_{loop_, GetParam()};
  elasticsearch::SinkSettings settings_;
  std::string url_ = index_.url();
  std::chrono::milliseconds timeout_{30'000};
  std::unique_ptr<ElasticsearchSink> sink_;
};

INSTANTIATE_TEST_SUITE_P(Servers, SearchSink,
                         testing::Values("ROWFERRY_TEST_ELASTICSEARCH", "ROWFERRY_TEST_OPENSEARCH"),
                         [](const auto& instance) {
                           const std::string variable = instance.param;
                           return variable.substr(variable.rfind('_') + 1);
                         });

TEST_P(SearchSink, RefusesAMissingIndexThatItMayNotCreate) {
  settings_.create = false;
  const Error error = open_failure();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), HasSubstr("does not exist"));
  EXPECT_FALSE(index_.exists());
}

TEST_P(SearchSink, RefusesAWrongMappingWithTheServersWords) {
  settings_.index_config = R"({"mappings":{"properties":{"id":{"type":"number"}}}})";
  const Error error = open_failure();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), HasSubstr("mapper_parsing_exception"));
  EXPECT_THAT(error.what(), HasSubstr("number"));
}

TEST_P(SearchSink, RefusesAPipelineThatIsNotThere) {
  settings_.pipeline = "rowferry-test-no-such-pipeline";
  EXPECT_THAT(open_failure().what(), HasSubstr("no-such-pipeline does not exist"));
}

TEST_P(SearchSink, RefusesAnAliasWithoutAPlaceForWrites) {
  for (const std::string suffix : {"-v1", "-v2"}) {
    index_.request(http::Method::put, "/" + index_.name() + suffix,
                   fmt::format(R"({{"aliases":{{"{}":{{}}}}}})", index_.name()));
  }
  const Error error = open_failure();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), HasSubstr("is an alias of several indices"));
}

TEST_P(SearchSink, WritesThroughAnAlias) {
  index_.request(
      http::Method::put, "/" + index_.name() + "-v1",
      fmt::format(R"({{"settings":{{"index.gc_deletes":"2h"}},"aliases":{{"{}":{{}}}}}})",
                  index_.name()));
  open();
  EXPECT_TRUE(write({{1, "a"}}, 10).issues.empty());
  EXPECT_THAT(index_.documents(), ElementsAre(Pair("1", R"({"id":1,"title":"a"})")));
}

TEST_P(SearchSink, CreatesTheIndexAsConfigured) {
  settings_.index_config = R"({"settings":{"number_of_replicas":0},)"
                           R"("mappings":{"properties":{"title":{"type":"keyword"}}}})";
  open();
  open();
  EXPECT_EQ(index_.setting("index.gc_deletes"), "1h");
  EXPECT_EQ(index_.setting("index.number_of_replicas"), "0");
  EXPECT_THAT(index_.request(http::Method::get, "/" + index_.name() + "/_mapping"),
              HasSubstr("keyword"));
}

TEST_P(SearchSink, WarnsOfAnIndexThatForgetsSoon) {
  index_.create("{}");
  open();
  EXPECT_THAT(loop_.logged(), HasSubstr("soon forgets removals"));
}

TEST_P(SearchSink, CreatesChangesAndRemoves) {
  open();
  const WriteResult first = write({{1, "a"}, {2, "b"}, {3, std::nullopt}}, 10);
  EXPECT_TRUE(first.issues.empty());
  EXPECT_GT(first.bytes, 50u);
  EXPECT_TRUE(write({{1, "changed"}, removal(2), removal(9)}, 11).issues.empty());
  EXPECT_THAT(index_.documents(), ElementsAre(Pair("1", R"({"id":1,"title":"changed"})"),
                                              Pair("3", R"({"id":3,"title":null})")));
}

TEST_P(SearchSink, LetsNoLateWriteWin) {
  open();
  write({{1, "new"}, removal(2), {3, "new"}}, 20);
  const WriteResult late = write({{1, "old"}, {2, "old"}, removal(3)}, 10);
  EXPECT_TRUE(late.issues.empty());
  EXPECT_THAT(index_.documents(), ElementsAre(Pair("1", R"({"id":1,"title":"new"})"),
                                              Pair("3", R"({"id":3,"title":"new"})")));
}

TEST_P(SearchSink, TakesARepeatedBatchAsTaken) {
  open();
  EXPECT_TRUE(write({{1, "a"}, removal(2)}, 10).issues.empty());
  EXPECT_TRUE(write({{1, "a"}, removal(2)}, 10).issues.empty());
  EXPECT_THAT(index_.documents(), ElementsAre(Pair("1", R"({"id":1,"title":"a"})")));
}

TEST_P(SearchSink, OrdersWritesThatAreUnderWayAtOnce) {
  open();
  std::vector<Batch> batches;
  for (std::int64_t sequence = 10; sequence < 30; ++sequence) {
    batches.push_back(test::make_batch(
        test_schema(), {{1, std::to_string(sequence)}, {sequence, "own"}}, sequence));
    batches.back().read_at = loop_.clock().steady_now();
  }
  const auto write_one = [](ElasticsearchSink& sink, const Batch& batch) -> Task<> {
    const WriteResult result = co_await sink.write(batch);
    EXPECT_TRUE(result.issues.empty());
  };
  const auto write_all = [&]() -> Task<> {
    TaskGroup group(loop_.executor());
    for (const Batch& batch : batches) {
      group.spawn(write_one(sink(), batch));
    }
    co_await group.join();
  };
  loop_.run(write_all());
  EXPECT_EQ(index_.document("1"), R"({"id":1,"title":"29"})");
  EXPECT_EQ(index_.documents().size(), 21u);
}

TEST_P(SearchSink, RejectsOnlyRowsThatTheMappingRefuses) {
  settings_.index_config = R"({"mappings":{"properties":{"title":{"type":"integer"}}}})";
  open();
  const WriteResult result = write({{1, "7"}, {2, "seven"}, {3, "8"}}, 10);
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_EQ(result.issues[0].row, 1u);
  EXPECT_FALSE(result.issues[0].retry);
  EXPECT_THAT(result.issues[0].reason,
              HasSubstr("failed to parse field [title] of type [integer]"));
  EXPECT_THAT(result.issues[0].reason, HasSubstr("For input string: \"seven\""));
  EXPECT_EQ(index_.documents().size(), 2u);
}

TEST_P(SearchSink, RetriesRowsThatAFullDiskBlocks) {
  open();
  set(R"({"index.blocks.read_only_allow_delete":true})");
  const WriteResult blocked = write({{1, "a"}}, 10);
  set(R"({"index.blocks.read_only_allow_delete":null})");
  ASSERT_EQ(blocked.issues.size(), 1u);
  EXPECT_TRUE(blocked.issues[0].retry);
  EXPECT_THAT(blocked.issues[0].reason, HasSubstr("cluster_block_exception"));
  EXPECT_TRUE(write({{1, "a"}}, 10).issues.empty());
}

TEST_P(SearchSink, DoesNotBlameRowsForAClosedIndex) {
  open();
  index_.request(http::Method::post, "/" + index_.name() + "/_close");
  const Error error = failure({{1, "a"}}, 10);
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "index_closed");
}

TEST_P(SearchSink, KeepsOddIds) {
  const std::vector<std::string> ids = {
      "a b", "a/b?c#d%2F", "ä€𝄞",       "\"quoted\"\\",       "_x",
      "-",   ".",          "tab\there", std::string(512, 'i')};
  open();
  SchemaPointer schema = [] {
    auto odd = std::make_shared<Schema>(*test_schema());
    odd->columns[0].type.element = ColumnType::text;
    return odd;
  }();
  Batch batch;
  batch.clear(schema);
  batch.sequence = 10;
  for (const std::string& id : ids) {
    Cell* row = batch.add_row(Operation::upsert);
    row[0] = batch.store(id);
  }
  Cell* too_long = batch.add_row(Operation::upsert);
  too_long[0] = batch.store(std::string(513, 'i'));
  open(schema);
  const WriteResult result = write_batch(std::move(batch));
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_EQ(result.issues[0].row, ids.size());
  const auto documents = index_.documents();
  EXPECT_EQ(documents.size(), ids.size());
  for (const std::string& id : ids) {
    EXPECT_TRUE(documents.contains(id)) << id;
  }
}

TEST_P(SearchSink, KeepsNumbersAndJsonExactly) {
  auto schema = std::make_shared<Schema>(*test_schema({"score"}));
  schema->columns[1].type.element = ColumnType::json;
  schema->columns[2].type.element = ColumnType::json;
  settings_.index_config =
      R"({"mappings":{"properties":{"title":{"enabled":false},"score":{"enabled":false}}}})";
  open(schema);
  Batch batch;
  batch.clear(schema);
  batch.sequence = 10;
  Cell* row = batch.add_row(Operation::upsert);
  row[0] = batch.store(test::int64_binary(9'007'199'254'740'993));
  row[1] = batch.store(R"({"a": [1, {"b": null}]})");
  row[2] = batch.store(R"([12345678901234567890.12345678901234567890, 1e-30])");
  EXPECT_TRUE(write_batch(std::move(batch)).issues.empty());
  EXPECT_EQ(index_.document("9007199254740993"),
            R"({"id":9007199254740993,"title":{"a": [1, {"b": null}]},)"
            R"("score":[12345678901234567890.12345678901234567890, 1e-30]})");
}

TEST_P(SearchSink, RoutesRows) {
  settings_.index_config = R"({"settings":{"number_of_shards":5},)"
                           R"("mappings":{"_routing":{"required":true}}})";
  std::string fault;
  settings_.routing = elasticsearch::CellTemplate::parse("site-{id}", fault);
  open();
  EXPECT_TRUE(write({{1, "a"}, {2, "b"}}, 10).issues.empty());
  EXPECT_TRUE(write({removal(2)}, 11).issues.empty());
  EXPECT_TRUE(index_.document("1", "site-1"));
  EXPECT_EQ(index_.documents().size(), 1u);
}

TEST_P(SearchSink, ShowsRowsAtOnceWhenToldTo) {
  settings_.refresh = true;
  settings_.compression = elasticsearch::Compression::none;
  settings_.index_config = R"({"settings":{"refresh_interval":"-1"}})";
  open();
  write({{1, "a"}, {2, "b"}}, 10);
  EXPECT_EQ(index_.visible(), 2u);
}

TEST_P(SearchSink, WritesManyRows) {
  open();
  std::vector<TestRow> rows;
  for (std::int64_t id = 0; id < 5000; ++id) {
    rows.push_back({id, "film " + std::to_string(id)});
  }
  EXPECT_TRUE(write(rows, 10).issues.empty());
  EXPECT_EQ(index_.documents().size(), 5000u);
}

TEST_P(SearchSink, AsksForLessWhereARequestIsTooLarge) {
  settings_.compression = elasticsearch::Compression::none;
  open();
  const std::vector<TestRow> rows = {{1, std::string(110u << 20, 'x')}};
  Error error = failure(rows, 10);
  for (int count = 0; count < 2 && error.failure() == Failure::transient; ++count) {
    error = failure(rows, 10);
  }
  EXPECT_EQ(error.failure(), Failure::too_large) << error.what();
}

TEST_P(SearchSink, GoesOnAfterTheServerWasDown) {
  test::ToxicProxy proxy(loop_, index_.address());
  url_ = proxy.url();
  open();
  proxy.enable(false);
  const Error error = failure({{1, "a"}}, 10);
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "refused");
  proxy.enable(true);
  open();
  EXPECT_TRUE(write({{1, "a"}}, 10).issues.empty());
  EXPECT_EQ(index_.documents().size(), 1u);
}

TEST_P(SearchSink, RepeatsAWriteWhoseReplyWasLost) {
  test::ToxicProxy proxy(loop_, index_.address());
  url_ = proxy.url();
  timeout_ = std::chrono::milliseconds(1000);
  open();
  proxy.add("timeout", "downstream", R"({"timeout":0})");
  EXPECT_EQ(failure({{1, "a"}, removal(2)}, 10).reason(), "timeout");
  proxy.remove("timeout", "downstream");
  EXPECT_TRUE(write({{1, "b"}}, 11).issues.empty());
  EXPECT_TRUE(write({{1, "a"}, removal(2)}, 10).issues.empty());
  EXPECT_THAT(index_.documents(), ElementsAre(Pair("1", R"({"id":1,"title":"b"})")));
}

TEST_P(SearchSink, AssumesNothingOfAReplyThatWasCutOff) {
  test::ToxicProxy proxy(loop_, index_.address());
  url_ = proxy.url();
  open();
  proxy.add("limit_data", "downstream", R"({"bytes":80})");
  EXPECT_EQ(failure({{1, "a"}}, 10).failure(), Failure::transient);
}

}  // namespace
}  // namespace rowferry
