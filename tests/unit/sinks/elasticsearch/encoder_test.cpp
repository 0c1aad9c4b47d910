#include "sinks/elasticsearch/encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"
#include "tests/support/test_rows.hpp"
#include "tests/unit/sinks/elasticsearch/rows.hpp"

namespace rowferry::elasticsearch {
namespace {

using testing::HasSubstr;

std::optional<CellTemplate> cell_template(std::string_view text) {
  std::string fault;
  return CellTemplate::parse(text, fault);
}

/// The lines of the first row of a batch, or `! ` and why there are none.
std::string lines_of(const Batch& batch, const SinkSettings& settings = {}) {
  const BulkEncoder encoder(batch.schema_pointer(), settings);
  BulkEncoder::Scratch scratch;
  Buffer out;
  out.append("before\n");
  const auto fault = encoder.append_row(batch, 0, scratch, out);
  if (fault) {
    EXPECT_EQ(out.view(), "before\n");
    return "! " + *fault;
  }
  return std::string(out.view().substr(7));
}

std::string id_of(const TextCells& key) {
  std::vector<std::string> names;
  for (std::size_t index = 0; index < key.size(); ++index) {
    names.push_back("k" + std::to_string(index));
  }
  const std::string lines =
      lines_of(one_row(text_schema(names, key.size()), key, Operation::remove));
  const std::string_view before = R"({"delete":{"_id":")";
  return lines.starts_with("!")
             ? lines
             : lines.substr(before.size(), lines.find(R"(","version")") - before.size());
}

TEST(BulkEncoder, RefusesASchemaWithoutIdentity) {
  try {
    const BulkEncoder encoder(text_schema({"id"}, 0), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_THAT(error.what(), HasSubstr("films has no key"));
    EXPECT_THAT(error.what(), HasSubstr("source.key"));
  }
}

TEST(BulkEncoder, RefusesATemplateOfUnknownColumns) {
  SinkSettings settings;
  settings.routing = cell_template("{site}");
  try {
    const BulkEncoder encoder(text_schema({"id"}, 1), settings);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_STREQ(error.what(), "routing names column site, which films does not have");
  }
}

TEST(BulkEncoder, RefusesIdsThatNoServerTakes) {
  EXPECT_EQ(id_of({""}), "! the document's id is empty");
  EXPECT_EQ(id_of({std::nullopt}),
            "! the document's id needs column k0, which is not known of a removed row");
  EXPECT_EQ(id_of({std::string(513, 'x')}),
            "! the document's id has 513 bytes, and 512 is the most");
  EXPECT_EQ(id_of({"\xFF"}), "! the document's id is no UTF-8");
}

TEST(BulkEncoder, RefusesRowsThatAreNoUtf8) {
  for (const std::string text : {"\xFF", "abc\xC3", "\xED\xA0\x80", "\xC0\x80"}) {
    EXPECT_EQ(lines_of(one_row(text_schema({"id", "title"}, 1), {"1", text})),
              "! the row holds bytes that are no UTF-8");
  }
}

TEST(BulkEncoder, RefusesCellsThatAreNoValues) {
  Batch batch = test::make_batch(test::test_schema(), {{1, "x"}}, 7);
  batch.cell(0, 0).size = 3;
  EXPECT_THAT(lines_of(batch), testing::StartsWith("! "));
}

TEST(BulkEncoder, WritesAnActionAndADocument) {
  EXPECT_EQ(lines_of(test::make_batch(test::test_schema(), {{12, "The \"Matrix\""}}, 1767)),
            R"({"index":{"_id":"12","version":1767,"version_type":"external_gte"}})"
            "\n"
            R"({"id":12,"title":"The \"Matrix\""})"
            "\n");
}

TEST(BulkEncoder, WritesAnActionAloneForARemoval) {
  EXPECT_EQ(lines_of(test::make_batch(test::test_schema(), {test::removal(12)}, 1767)),
            "{\"delete\":{\"_id\":\"12\",\"version\":1767,\"version_type\":\"external_gte\"}}\n");
}

TEST(BulkEncoder, KeepsDocumentsOnOneLine) {
  const std::string lines = lines_of(one_row(text_schema({"id", "t"}, 1), {"a\nb", "c\r\nd\x01"}));
  EXPECT_EQ(lines, R"({"index":{"_id":"a\nb","version":7,"version_type":"external_gte"}})"
                   "\n"
                   R"({"id":"a\nb","t":"c\r\nd\u0001"})"
                   "\n");
}

TEST(BulkEncoder, TakesTheKeyAsItIsWhenItIsOneColumn) {
  EXPECT_EQ(id_of({"a|b"}), "a|b");
  EXPECT_EQ(id_of({"ä ö"}), "ä ö");
  EXPECT_EQ(id_of({std::string(512, 'x')}), std::string(512, 'x'));
}

TEST(BulkEncoder, JoinsKeysSoThatTheyStayApart) {
  EXPECT_EQ(id_of({"a", "b"}), "a|b");
  // As JSON text: each backslash of the id is written twice.
  EXPECT_EQ(id_of({"a|", "b"}), R"(a\\||b)");
  EXPECT_EQ(id_of({"a", "|b"}), R"(a|\\|b)");
  EXPECT_EQ(id_of({"a\\", "b"}), R"(a\\\\|b)");
  EXPECT_EQ(id_of({"", ""}), "|");
}

TEST(BulkEncoder, FollowsItsTemplates) {
  SinkSettings settings;
  settings.id = cell_template("{{{site}}}-{number}");
  settings.routing = cell_template("{site}");
  const SchemaPointer schema = text_schema({"site", "number"}, 2);
  EXPECT_EQ(lines_of(one_row(schema, {"a\"b", "1"}, Operation::remove), settings),
            R"({"delete":{"_id":"{a\"b}-1","version":7,"version_type":"external_gte",)"
            R"("routing":"a\"b"}})"
            "\n");
}

TEST(BulkEncoder, RefusesRowsThatItsTemplatesCannotName) {
  SinkSettings settings;
  settings.routing = cell_template("{site}");
  const SchemaPointer schema = text_schema({"id", "site"}, 1);
  EXPECT_EQ(lines_of(one_row(schema, {"1", std::nullopt}), settings),
            "! routing needs column site, which is null");
  EXPECT_EQ(lines_of(one_row(schema, {"1", std::nullopt}, Operation::remove), settings),
            "! routing needs column site, which is not known of a removed row");
  EXPECT_EQ(lines_of(one_row(schema, {"1", ""}), settings), "! the document's routing is empty");
}

TEST(BulkEncoder, LeavesOutColumnsThatWereNotAskedFor) {
  auto schema = std::make_shared<Schema>(*text_schema({"id", "title"}, 1));
  schema->columns[0].identity_only = true;
  EXPECT_THAT(lines_of(one_row(schema, {"1", "x"})), testing::EndsWith("\n{\"title\":\"x\"}\n"));
}

TEST(CellTemplate, RefusesBracesThatDoNotMatch) {
  for (const std::string_view text : {"{", "}", "{}", "a{b", "a}b", "{a}}", "{{a}"}) {
    EXPECT_FALSE(cell_template(text)) << text;
  }
}

TEST(CellTemplate, KnowsWhatItDependsOn) {
  const Schema schema = *text_schema({"site", "number", "year"}, 2);
  const RowText partial(*cell_template("{site}/{year}"), "id", schema);
  EXPECT_THAT(partial.columns_beyond_identity(schema), testing::ElementsAre("year"));
  EXPECT_FALSE(partial.covers_identity(schema));
  const RowText whole = RowText::of_identity(schema);
  EXPECT_TRUE(whole.columns_beyond_identity(schema).empty());
  EXPECT_TRUE(whole.covers_identity(schema));
}

}  // namespace
}  // namespace rowferry::elasticsearch
