#include "objects/object_router.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace rowferry {
namespace {

/// Rows of these sizes; of the groups of the same place, if given.
EncodedRows rows_of(const std::vector<std::size_t>& sizes,
                    const std::vector<std::string>& values = {}) {
  EncodedRows rows;
  if (values.empty()) {
    rows.groups.emplace_back();
  }
  std::map<std::string, std::uint32_t> known;
  for (std::size_t row = 0; row < sizes.size(); ++row) {
    rows.bytes.append(std::string(sizes[row], 'x'));
    rows.ends.push_back(rows.bytes.size());
    if (!values.empty()) {
      const auto [place, added] = known.try_emplace(values[row], rows.groups.size());
      if (added) {
        rows.groups.push_back({values[row]});
      }
      rows.group_of_row.push_back(place->second);
    }
  }
  return rows;
}

/// `+1 1[0,2) -1`: start, append, seal.
std::string text_of(const std::vector<ObjectStep>& steps) {
  std::string text;
  for (const ObjectStep& step : steps) {
    text += text.empty() ? "" : " ";
    switch (step.kind) {
      case ObjectStep::Kind::start:
        text += fmt::format("+{}{}", step.object, step.values.empty() ? "" : step.values[0]);
        break;
      case ObjectStep::Kind::append:
        text += fmt::format("{}[{},{})", step.object, step.first, step.last);
        break;
      case ObjectStep::Kind::seal:
        text += fmt::format("-{}", step.object);
        break;
    }
  }
  return text;
}

ObjectRouter router_of(std::size_t bytes_max, std::size_t open_max = 2, std::size_t header = 0) {
  return ObjectRouter({bytes_max, open_max, header});
}

TEST(ObjectRouter, SendsAllRowsToOneObject) {
  ObjectRouter router = router_of(100);
  EXPECT_EQ(text_of(router.route(rows_of({10, 10, 10}))), "+1 1[0,3)");
  EXPECT_EQ(text_of(router.route(rows_of({10}))), "1[0,1)");
  EXPECT_EQ(text_of(router.seal_all()), "-1");
  EXPECT_EQ(text_of(router.seal_all()), "");
  EXPECT_EQ(text_of(router.route(rows_of({10}))), "+2 2[0,1)");
}

TEST(ObjectRouter, DoesNothingWithoutRows) {
  ObjectRouter router = router_of(100);
  EXPECT_EQ(text_of(router.route(rows_of({}))), "");
}

TEST(ObjectRouter, SealsAnObjectBeforeItGrowsTooLarge) {
  ObjectRouter router = router_of(25);
  EXPECT_EQ(text_of(router.route(rows_of({10, 10, 10, 10, 10}))),
            "+1 1[0,2) -1 +2 2[2,4) -2 +3 3[4,5)");
  EXPECT_EQ(text_of(router.route(rows_of({15, 1}))), "3[0,1) -3 +4 4[1,2)");
}

TEST(ObjectRouter, CountsTheHeader) {
  ObjectRouter router = router_of(25, 2, 10);
  EXPECT_EQ(text_of(router.route(rows_of({10, 10}))), "+1 1[0,1) -1 +2 2[1,2)");
}

TEST(ObjectRouter, LetsALargeRowStandAlone) {
  ObjectRouter router = router_of(25, 2, 5);
  EXPECT_EQ(text_of(router.route(rows_of({10, 100, 10}))), "+1 1[0,1) -1 +2 2[1,2) -2 +3 3[2,3)");
}

TEST(ObjectRouter, HasNoLimitWhereARunHasOneObject) {
  ObjectRouter router = router_of(0);
  EXPECT_EQ(text_of(router.route(rows_of({1000, 1000}))), "+1 1[0,2)");
}

TEST(ObjectRouter, KeepsTheRowsOfAGroupTogether) {
  ObjectRouter router = router_of(100);
  EXPECT_EQ(text_of(router.route(rows_of({1, 1, 1, 1}, {"a", "a", "b", "a"}))),
            "+1a 1[0,2) +2b 2[2,3) 1[3,4)");
}

TEST(ObjectRouter, ClosesTheLeastRecentlyUsedObject) {
  ObjectRouter router = router_of(100);
  EXPECT_EQ(text_of(router.route(rows_of({1, 1, 1, 1, 1}, {"a", "b", "a", "c", "b"}))),
            "+1a 1[0,1) +2b 2[1,2) 1[2,3) -2 +3c 3[3,4) -1 +4b 4[4,5)");
}

}  // namespace
}  // namespace rowferry
