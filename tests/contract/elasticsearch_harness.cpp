#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>

#include "connections/elasticsearch/elasticsearch_connection.hpp"
#include "sinks/elasticsearch/sink.hpp"
#include "tests/contract/sink_harnesses.hpp"
#include "tests/support/search_index.hpp"

namespace rowferry::test {
namespace {

// Longer than what an index takes as one term.
constexpr std::size_t kTermBytesTooLarge = 40'000;

class ElasticsearchHarness : public SinkHarness {
 public:
  ElasticsearchHarness(TestLoop& loop, const char* variable)
      : loop_(loop), index_(loop, variable) {}

  std::unique_ptr<Sink> make_sink() override {
    elasticsearch::ConnectionSettings connection;
    connection.urls.push_back(http::parse_url(index_.url()).value());
    elasticsearch::SinkSettings settings;
    settings.index = index_.name();
    settings.index_config = R"({"mappings":{"properties":{"title":{"type":"keyword"}}}})";
    return std::make_unique<ElasticsearchSink>(
        std::make_shared<ElasticsearchConnection>("search", std::move(connection), loop_.runtime()),
        std::move(settings), loop_.runtime());
  }

  TestContent content() override {
    TestContent content;
    for (const auto& [id, source] : index_.documents()) {
      const boost::json::value title = boost::json::parse(source).at("title");
      content[std::stoll(id)] =
          title.is_null() ? std::nullopt : std::optional(std::string(title.as_string()));
    }
    return content;
  }

  std::optional<TestRow> refused_row() override {
    return TestRow{2, std::string(kTermBytesTooLarge, 'x')};
  }

 private:
  TestLoop& loop_;
  SearchIndex index_;
};

}  // namespace

std::unique_ptr<SinkHarness> make_elasticsearch_harness(TestLoop& loop) {
  return std::make_unique<ElasticsearchHarness>(loop, "ROWFERRY_TEST_ELASTICSEARCH");
}

std::unique_ptr<SinkHarness> make_opensearch_harness(TestLoop& loop) {
  return std::make_unique<ElasticsearchHarness>(loop, "ROWFERRY_TEST_OPENSEARCH");
}

}  // namespace rowferry::test
