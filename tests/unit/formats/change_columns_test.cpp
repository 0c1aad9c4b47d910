// What a line of a change log must say, in each format.
#include "formats/change_columns.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "formats/csv.hpp"
#include "formats/ndjson.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::test {
namespace {

/// Films of which only the title was asked for.
SchemaPointer title_schema() {
  auto schema = std::make_shared<Schema>(*test_schema());
  schema->columns[0].identity_only = true;
  return schema;
}

template <class Encoder>
std::string lines(const Encoder& encoder) {
  const Batch batch = make_batch(encoder.schema(), {{7, "Alien"}, removal(8)}, 42);
  Buffer out;
  encoder.append_row(batch, 0, out);
  encoder.append_row(batch, 1, out);
  return std::string(out.view());
}

TEST(ChangeColumns, NameTheRowInNdjson) {
  EXPECT_EQ(lines(NdjsonEncoder(title_schema(), ChangeColumns::yes)),
            "{\"id\":7,\"title\":\"Alien\",\"_op\":\"upsert\",\"_sequence\":42}\n"
            "{\"id\":8,\"title\":null,\"_op\":\"delete\",\"_sequence\":42}\n");
  EXPECT_EQ(lines(NdjsonEncoder(title_schema(), ChangeColumns::no)),
            "{\"title\":\"Alien\"}\n{\"title\":null}\n");
}

TEST(ChangeColumns, NameTheRowInCsv) {
  const CsvEncoder encoder(title_schema(), CsvDialect(), ChangeColumns::yes);
  Buffer header;
  encoder.append_header(header);
  EXPECT_EQ(header.view(), "id,title,_op,_sequence\n");
  EXPECT_EQ(lines(encoder), "7,Alien,upsert,42\n8,,delete,42\n");
  const CsvEncoder plain(title_schema(), CsvDialect(), ChangeColumns::no);
  EXPECT_EQ(lines(plain), "Alien\n\n");
}

}  // namespace
}  // namespace rowferry::test
