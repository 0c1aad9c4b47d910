#include "objects/key_template.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"

namespace rowferry {
namespace {

KeyValues values() {
  KeyValues values;
  values.job = "movies";
  values.table = "film_work";
  values.run_seq = 42;
  values.part = 7;
  // 2026-02-03T04:05:06.789Z
  values.started = WallTime(std::chrono::microseconds(1'770'091'506'789'000));
  values.columns = {"DE", "2026-01-01"};
  return values;
}

std::string expand(std::string_view text) { return KeyTemplate::parse(text).expand(values()); }

std::string problem(std::string_view text) {
  try {
    std::ignore = KeyTemplate::parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    return error.what();
  }
  return "";
}

TEST(KeyTemplate, ExpandsEveryField) {
  EXPECT_EQ(expand("{job}/{table}/{run_seq:06}/part-{part:04}.csv"),
            "movies/film_work/000042/part-0007.csv");
  EXPECT_EQ(expand("{run_seq}-{part}"), "42-7");
  EXPECT_EQ(expand("x/{started}"), "x/20260203T040506Z");
  EXPECT_EQ(expand("x/{started:%Y/%m/%d %H.%M.%S day %j}"), "x/2026/02/03 04.05.06 day 034");
  EXPECT_EQ(expand("c={column:country}/d={column:day}/{part}"), "c=DE/d=2026-01-01/7");
}

TEST(KeyTemplate, DoesNotCutNumbersWiderThanTheirField) {
  KeyValues large = values();
  large.part = 123456;
  EXPECT_EQ(KeyTemplate::parse("{part:04}").expand(large), "123456");
}

TEST(KeyTemplate, EncodesJobsAndTablesThatAreNoFileNames) {
  KeyValues odd = values();
  odd.job = "a/b";
  odd.table = "..";
  EXPECT_EQ(KeyTemplate::parse("{job}/{table}").expand(odd), "a%2Fb/%2E.");
}

TEST(KeyTemplate, KnowsItsFieldsAndColumns) {
  const KeyTemplate key = KeyTemplate::parse("{column:b}/{column:a}/{part}");
  EXPECT_EQ(key.columns(), (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(key.has(KeyTemplate::Field::part));
  EXPECT_FALSE(key.has(KeyTemplate::Field::run_seq));
}

TEST(KeyTemplate, FindsTheFolderBeforeTheFirstFieldThatVaries) {
  const auto folder = [](std::string_view text) {
    return KeyTemplate::parse(text).folder("movies", "film_work");
  };
  EXPECT_EQ(folder("{job}/{run_seq:06}/part-{part:04}.ndjson"), "movies/");
  EXPECT_EQ(folder("a/{job}/b-{table}/c-{part}.csv"), "a/movies/b-film_work/");
  EXPECT_EQ(folder("exports/x-{part}.csv"), "exports/");
  EXPECT_EQ(folder("x-{part}.csv"), "");
  EXPECT_EQ(folder("a/{started}/{job}/{part}"), "a/");
  EXPECT_EQ(folder("a/{job}.csv"), "a/");
}

TEST(KeyTemplate, SaysWhatIsWrong) {
  EXPECT_NE(problem("{jbo}/{part}").find("unknown field {jbo}"), std::string::npos);
  EXPECT_NE(problem("a/{part").find("brace"), std::string::npos);
  EXPECT_NE(problem("a}/{part}").find("brace"), std::string::npos);
  EXPECT_NE(problem("{part:x}").find("width"), std::string::npos);
  EXPECT_NE(problem("{part:99}").find("width"), std::string::npos);
  EXPECT_NE(problem("{job:3}/{part}").find("nothing after a colon"), std::string::npos);
  EXPECT_NE(problem("{column}/{part}").find("needs a name"), std::string::npos);
  EXPECT_NE(problem("{started:%q}").find("%q"), std::string::npos);
  EXPECT_NE(problem("x/_manifest-{part}.json").find("kept for manifests"), std::string::npos);
}

TEST(KeyTemplate, RefusesKeysThatLeaveTheirFolder) {
  for (const char* text : {"/a/{part}", "a//{part}", "../{part}", "a/../{part}", "a/./{part}",
                           "a/{part}/", "", "a\n{part}"}) {
    EXPECT_NE(problem(text), "") << text;
  }
}

/// Whether a template can make a key.
bool makes(std::string_view text, std::string_view key) {
  return KeyTemplate::parse(text).pattern("movies", "film_work").meets(config::NamePattern(key));
}

TEST(KeyTemplate, KnowsTheKeysThatItCanMake) {
  for (const char* text :
       {"{job}/{table}/{run_seq:06}/part-{part:04}.csv", "{run_seq}-{part}", "x/{started}",
        "x/{started:%Y/%m/%d %H.%M.%S day %j, %y}", "c={column:country}/d={column:day}/{part}"}) {
    EXPECT_TRUE(makes(text, expand(text))) << text;
    EXPECT_FALSE(makes(text, expand(text) + "/x")) << text;
  }
  EXPECT_FALSE(makes("{job}/{part}", "series/7"));
  EXPECT_FALSE(makes("{table}/{part}", "film/7"));
  EXPECT_FALSE(makes("{part:04}", "007"));
}

TEST(KeyTemplate, ReadsWithJobAndTable) {
  const KeyTemplate key = KeyTemplate::parse("{job}/{table}-{run_seq:06}/{part}.{column:c}");
  EXPECT_EQ(key.text_of("movies", "film_work"), "movies/film_work-{run_seq:06}/{part}.{column:c}");
}

}  // namespace
}  // namespace rowferry
