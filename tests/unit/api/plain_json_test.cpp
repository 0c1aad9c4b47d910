#include "api/plain_json.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>

namespace rowferry::api {
namespace {

namespace json = boost::json;

TEST(PlainJson, WritesNumbersWithoutExponents) {
  EXPECT_EQ(plain_json(json::value(0.045)), "0.045");
  EXPECT_EQ(plain_json(json::value(1e21)), "1000000000000000000000");
  EXPECT_EQ(plain_json(json::value(-2.5)), "-2.5");
  EXPECT_EQ(plain_json(json::value(5.0)), "5");
}

TEST(PlainJson, HasRoomForTheLongestNumbers) {
  for (const double number :
       {std::numeric_limits<double>::min(), std::numeric_limits<double>::max(),
        -std::numeric_limits<double>::max()}) {
    const std::string text = plain_json(json::value(number));
    EXPECT_EQ(std::stod(text), number);
    EXPECT_EQ(text.find('e'), std::string::npos);
  }
}

TEST(PlainJson, WritesNoNumberWhereThereIsNone) {
  EXPECT_EQ(plain_json(json::value(std::numeric_limits<double>::infinity())), "null");
}

TEST(PlainJson, ReplacesWhatIsNoUtf8) {
  const json::object object{{"\xff", "a\xfe\xc3\xa9\xed\xa0\x80z\xe2\x82"}};
  EXPECT_EQ(plain_json(object), "{\"\uFFFD\":\"a\uFFFD\u00e9\uFFFD\uFFFD\uFFFDz\uFFFD\uFFFD\"}");
}

TEST(PlainJson, KeepsTheRestAsItIs) {
  const std::string text = R"({"a\"b":[1,"x\n",null,true,{}],"big":9007199254740993,"c":[]})";
  EXPECT_EQ(plain_json(json::parse(text)), text);
}

}  // namespace
}  // namespace rowferry::api
