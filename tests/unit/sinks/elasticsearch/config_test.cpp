#include "sinks/elasticsearch/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "config/load.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry::elasticsearch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// The settings and problems of a sink that is written so.
struct Parsed {
  explicit Parsed(const std::string& yaml) {
    std::ofstream(folder.path() / "right.json") << R"({"mappings": {"dynamic": "strict"}})";
    std::ofstream(folder.path() / "wrong.json") << "{\n\"mappings\": }";
    const config::Environment environment;
    const config::LoadContext context{folder.path(), environment, problems, redactor};
    const config::Node node = config::load_text(yaml, context);
    settings = parse_sink_settings(node);
  }

  test::TemporaryFolder folder;
  config::Problems problems{"rowferry.yaml"};
  Redactor redactor;
  SinkSettings settings;
};

std::string problems_of(const std::string& yaml) { return Parsed(yaml).problems.to_text(); }

TEST(ElasticsearchSinkConfig, RefusesWhatIsWrong) {
  EXPECT_THAT(problems_of("create: true"), HasSubstr("index: is missing"));
  EXPECT_THAT(problems_of("index: Films"), HasSubstr("index: must be in lower case"));
  EXPECT_THAT(problems_of("index: a\nid: fixed"), HasSubstr("id: must name a column"));
  EXPECT_THAT(problems_of("index: a\nid: \"{id\""), HasSubstr("id: must have a column's name"));
  EXPECT_THAT(problems_of("index: a\nrouting: \"}\""), HasSubstr("routing: must have"));
  EXPECT_THAT(problems_of("index: a\nconcurrency: 0"), HasSubstr("concurrency: "));
  EXPECT_THAT(problems_of("index: a\ncompression: zstd"), HasSubstr("compression: "));
  EXPECT_THAT(problems_of("index: a\nrefresh: 5"), HasSubstr("refresh: "));
  EXPECT_THAT(problems_of("index: a\ntable: b"), HasSubstr("table: "));
}

TEST(ElasticsearchSinkConfig, ReadsTheIndexConfigBeforeAnythingRuns) {
  EXPECT_THAT(problems_of("index: a\nindex_config: nowhere.json"), HasSubstr("does not exist"));
  EXPECT_THAT(problems_of("index: a\nindex_config: wrong.json"),
              HasSubstr("index_config: wrong.json is no JSON: line 2"));
}

TEST(ElasticsearchSinkConfig, SaysWhatIsNotBuiltYet) {
  EXPECT_THAT(problems_of("index: a\nalias: b"), HasSubstr("alias: not built yet"));
  EXPECT_THAT(problems_of("index: a\nkeep: 1"), HasSubstr("keep: not built yet"));
}

TEST(ElasticsearchSinkConfig, HasDefaults) {
  const Parsed parsed("index: films");
  EXPECT_THAT(parsed.problems.to_text(), IsEmpty());
  EXPECT_EQ(parsed.settings.index, "films");
  EXPECT_TRUE(parsed.settings.create);
  EXPECT_EQ(parsed.settings.concurrency, 2u);
  EXPECT_EQ(parsed.settings.compression, Compression::gzip);
  EXPECT_FALSE(parsed.settings.refresh);
  EXPECT_FALSE(parsed.settings.id);
  EXPECT_FALSE(parsed.settings.routing);
}

TEST(ElasticsearchSinkConfig, TakesEveryKey) {
  const Parsed parsed(
      "index: films\nindex_config: right.json\nid: \"{site}-{id}\"\ncreate: false\n"
      "concurrency: 4\ncompression: none\nrefresh: true\npipeline: enrich\nrouting: \"{site}\"");
  EXPECT_THAT(parsed.problems.to_text(), IsEmpty());
  EXPECT_EQ(parsed.settings.index_config, R"({"mappings": {"dynamic": "strict"}})");
  EXPECT_EQ(parsed.settings.id->parts().size(), 3u);
  EXPECT_FALSE(parsed.settings.create);
  EXPECT_EQ(parsed.settings.concurrency, 4u);
  EXPECT_EQ(parsed.settings.compression, Compression::none);
  EXPECT_TRUE(parsed.settings.refresh);
  EXPECT_EQ(parsed.settings.pipeline, "enrich");
  EXPECT_TRUE(parsed.settings.routing);
}

}  // namespace
}  // namespace rowferry::elasticsearch
