#include "sinks/elasticsearch/bulk_body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/compression.hpp"
#include "tests/support/test_rows.hpp"
#include "tests/unit/sinks/elasticsearch/rows.hpp"

namespace rowferry::elasticsearch {
namespace {

using testing::ElementsAre;

constexpr std::size_t kNoLimit = 1u << 30;

Batch batch_of(const std::vector<std::string>& ids) {
  Batch batch;
  batch.clear(text_schema({"id"}, 1));
  batch.sequence = 7;
  for (const std::string& id : ids) {
    add_row(batch, {id}, Operation::remove);
  }
  return batch;
}

std::string text_of(const BulkBody& body) {
  if (body.compression() == Compression::none) {
    return std::string(body.bytes().view());
  }
  Buffer out;
  gunzip(body.bytes().view(), kNoLimit, out);
  return std::string(out.view());
}

TEST(BulkBody, LeavesOutWhatCanNeverBeSent) {
  const Batch batch = batch_of({"a", "", "c"});
  const BulkEncoder encoder(batch.schema_pointer(), {});
  BulkBody body(Compression::gzip);
  EXPECT_EQ(body.fill(encoder, batch, 0, kNoLimit), 3u);
  EXPECT_THAT(body.rows(), ElementsAre(0, 2));
  ASSERT_EQ(body.issues().size(), 1u);
  EXPECT_EQ(body.issues()[0].row, 1u);
  EXPECT_FALSE(body.issues()[0].retry);
}

TEST(BulkBody, IsEmptyWhenNothingCanBeSent) {
  const Batch batch = batch_of({""});
  const BulkEncoder encoder(batch.schema_pointer(), {});
  BulkBody body(Compression::gzip);
  EXPECT_EQ(body.fill(encoder, batch, 0, kNoLimit), 1u);
  EXPECT_TRUE(body.rows().empty());
  EXPECT_TRUE(body.bytes().empty());
}

TEST(BulkBody, EndsBeforeItsLimit) {
  const Batch batch = batch_of({"a", "b", "c"});
  const BulkEncoder encoder(batch.schema_pointer(), {});
  for (const Compression compression : {Compression::none, Compression::gzip}) {
    BulkBody body(compression);
    const std::size_t line = 65;
    EXPECT_EQ(body.fill(encoder, batch, 0, 2 * line), 2u);
    EXPECT_EQ(text_of(body).size(), 2 * line);
    EXPECT_EQ(body.fill(encoder, batch, 2, 2 * line), 3u);
    EXPECT_THAT(body.rows(), ElementsAre(2));
    EXPECT_EQ(body.fill(encoder, batch, 0, 1), 1u);
    EXPECT_THAT(body.rows(), ElementsAre(0));
  }
}

TEST(BulkBody, PacksTheSameTextThatItSendsPlain) {
  const SchemaPointer schema = test::test_schema({"plot"});
  std::vector<test::TestRow> rows;
  for (std::int64_t id = 0; id < 20'000; ++id) {
    rows.push_back({id, std::string(static_cast<std::size_t>(id % 97), 'x')});
  }
  const Batch batch = test::make_batch(schema, rows, 7);
  const BulkEncoder encoder(schema, {});
  BulkBody plain(Compression::none);
  BulkBody packed(Compression::gzip);
  EXPECT_EQ(plain.fill(encoder, batch, 0, kNoLimit), rows.size());
  EXPECT_EQ(packed.fill(encoder, batch, 0, kNoLimit), rows.size());
  const std::string text = text_of(plain);
  EXPECT_EQ(text_of(packed), text);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 40'000);
  EXPECT_LT(packed.bytes().size() * 4, text.size());
}

}  // namespace
}  // namespace rowferry::elasticsearch
