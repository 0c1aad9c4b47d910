#include "config/nearest_word.hpp"

#include <gtest/gtest.h>

namespace rowferry::config {
namespace {

TEST(NearestWord, FindsWhatWasMeant) {
  const std::vector<std::string> keys{"fetch_delay", "cron", "timezone", "chunk_rows", "parallel"};
  EXPECT_EQ(nearest_word("fetch_dealy", keys), "fetch_delay");
  EXPECT_EQ(nearest_word("fetchDelay", keys), "fetch_delay");
  EXPECT_EQ(nearest_word("FETCH-DELAY", keys), "fetch_delay");
  EXPECT_EQ(nearest_word("chunk", keys), "chunk_rows");
  EXPECT_EQ(nearest_word("time_zone", keys), "timezone");
  EXPECT_EQ(nearest_word("paralell", keys), "parallel");
  EXPECT_EQ(nearest_word("index_conf", {"index", "index_config"}), "index_config");
  EXPECT_EQ(nearest_word("x", {}), "");
  EXPECT_EQ(nearest_word("", {"cron"}), "cron");
}

}  // namespace
}  // namespace rowferry::config
