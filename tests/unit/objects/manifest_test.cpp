#include "objects/manifest.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>

namespace rowferry {
namespace {

Manifest make_manifest() {
  Manifest manifest;
  manifest.job = "movies \"x\"";
  manifest.table = "film_work";
  manifest.run_seq = 12;
  manifest.full = true;
  manifest.started = WallTime(std::chrono::seconds(1'770'091'506));
  manifest.objects = {{"movies/000012/part-0001.ndjson", 10, 1000, "ab", "cd"},
                      {"movies/000012/part-0002.ndjson", 5, 400, "ef", "01"}};
  manifest.schema_json = R"([{"name":"id","type":"bigint","nullable":false}])";
  manifest.from = "2026-01-01";
  manifest.format = "ndjson";
  manifest.superseded = {{11, {"movies/000011/part-0001.ndjson"}, {"_manifest-000011.json"}}};
  return manifest;
}

TEST(Manifest, HasTheMembersThatReadersRelyOn) {
  const auto json = boost::json::parse(encode_manifest(make_manifest())).as_object();
  EXPECT_EQ(json.at("job").as_string(), "movies \"x\"");
  EXPECT_EQ(json.at("run_seq").as_int64(), 12);
  EXPECT_EQ(json.at("rows").as_int64(), 15);
  EXPECT_EQ(json.at("bytes").as_int64(), 1400);
  EXPECT_EQ(json.at("from").as_string(), "2026-01-01");
  EXPECT_TRUE(json.at("to").is_null());
  EXPECT_EQ(json.at("schema").as_array().at(0).at("name").as_string(), "id");
  const auto& object = json.at("objects").as_array().at(0).as_object();
  EXPECT_EQ(object.at("key").as_string(), "movies/000012/part-0001.ndjson");
  EXPECT_EQ(object.at("rows").as_int64(), 10);
  EXPECT_EQ(object.at("bytes").as_int64(), 1000);
  EXPECT_EQ(object.at("sha256").as_string(), "ab");
}

TEST(Manifest, ReadsBackWhatItWrote) {
  const Manifest manifest = make_manifest();
  const auto back = decode_manifest(encode_manifest(manifest));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->job, manifest.job);
  EXPECT_EQ(back->table, manifest.table);
  EXPECT_EQ(back->run_seq, manifest.run_seq);
  EXPECT_EQ(back->full, manifest.full);
  EXPECT_EQ(back->started, manifest.started);
  EXPECT_EQ(back->objects, manifest.objects);
  EXPECT_EQ(back->schema_json, manifest.schema_json);
  EXPECT_EQ(back->from, manifest.from);
  EXPECT_EQ(back->to, "");
  ASSERT_EQ(back->superseded.size(), 1u);
  EXPECT_EQ(back->superseded[0].objects, manifest.superseded[0].objects);
  EXPECT_EQ(encode_manifest(*back), encode_manifest(manifest));
}

TEST(Manifest, WithoutObjectsIsAManifestToo) {
  Manifest empty = make_manifest();
  empty.objects.clear();
  empty.superseded.clear();
  EXPECT_EQ(decode_manifest(encode_manifest(empty))->objects.size(), 0u);
}

TEST(Manifest, IsNotTakenFromForeignText) {
  EXPECT_FALSE(decode_manifest("").has_value());
  EXPECT_FALSE(decode_manifest("{}").has_value());
  EXPECT_FALSE(decode_manifest("{\"job\":\"movies\",\"run_seq\":1}").has_value());
}

TEST(Manifest, IsVoidWhenItNamesKeysOutsideItsFolder) {
  for (const char* key : {"../x", "/etc/passwd", "a/../../x", "", "a//b"}) {
    Manifest manifest = make_manifest();
    manifest.objects[0].key = key;
    EXPECT_FALSE(decode_manifest(encode_manifest(manifest)).has_value()) << key;
    manifest = make_manifest();
    manifest.superseded[0].objects = {key};
    EXPECT_FALSE(decode_manifest(encode_manifest(manifest)).has_value()) << key;
  }
}

TEST(Manifest, NumbersItsName) {
  EXPECT_EQ(numbered_manifest_name(12), "_manifest-000012.json");
  EXPECT_EQ(parse_manifest_number("_manifest-000012.json"), 12);
  EXPECT_EQ(parse_manifest_number("_manifest-1234567.json"), 1234567);
  for (const char* name :
       {"_manifest.json", "_manifest-.json", "_manifest-1x.json", "_manifest-000012.json.partial",
        "x_manifest-000012.json", "_manifest--12.json"}) {
    EXPECT_FALSE(parse_manifest_number(name).has_value()) << name;
  }
}

TEST(Manifest, ListsTheColumnsThatReachTheObjects) {
  Schema schema;
  schema.columns = {{"id", {ColumnType::int64}, "bigint", false, false},
                    {"hidden", {ColumnType::text}, "text", true, true}};
  const auto columns = boost::json::parse(schema_to_json(schema, ChangeColumns::yes)).as_array();
  ASSERT_EQ(columns.size(), 4u);
  EXPECT_EQ(columns[0].at("type").as_string(), "bigint");
  EXPECT_EQ(columns[1].at("name").as_string(), "hidden");
  EXPECT_EQ(columns[2].at("name").as_string(), "_op");
  EXPECT_EQ(columns[3].at("name").as_string(), "_sequence");
  EXPECT_EQ(boost::json::parse(schema_to_json(schema, ChangeColumns::no)).as_array().size(), 1u);
}

}  // namespace
}  // namespace rowferry
