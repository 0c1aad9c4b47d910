#include "config/substitution.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace rowferry::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Environment fake_environment() {
  return Environment{[](const std::string& name) -> std::optional<std::string> {
    if (name == "HOST") {
      return "db.example";
    }
    return name == "EMPTY" ? std::optional<std::string>("") : std::nullopt;
  }};
}

std::string substituted(std::string_view written) {
  const Substituted result = substitute(written, fake_environment(), "/nowhere");
  EXPECT_THAT(result.problems, IsEmpty());
  return result.text;
}

TEST(Substitution, TakesNamesFromTheEnvironment) {
  EXPECT_EQ(substituted("${HOST}"), "db.example");
  EXPECT_EQ(substituted("a ${HOST} b ${HOST}"), "a db.example b db.example");
  EXPECT_EQ(substituted("${EMPTY}"), "");
}

TEST(Substitution, TakesTheDefaultWhenUnsetOrEmpty) {
  EXPECT_EQ(substituted("${HOST:-other}"), "db.example");
  EXPECT_EQ(substituted("${NONE:-other}"), "other");
  EXPECT_EQ(substituted("${EMPTY:-other}"), "other");
  EXPECT_EQ(substituted("${NONE:-}"), "");
  EXPECT_EQ(substituted("${NONE:-a:-b}"), "a:-b");
  EXPECT_EQ(substituted("${NONE:-${HOST}:5432}"), "db.example:5432");
}

TEST(Substitution, LeavesDollarsAloneAndKnowsALiteralReference) {
  EXPECT_EQ(substituted("pa$$word $1 $HOST $"), "pa$$word $1 $HOST $");
  EXPECT_EQ(substituted("$${HOST}"), "${HOST}");
  EXPECT_EQ(substituted("^[a-z]{2}$"), "^[a-z]{2}$");
}

TEST(Substitution, TakesFilesWithoutTheirFinalNewline) {
  const test::TemporaryFolder folder;
  const auto of_file = [&](std::string_view content) {
    std::ofstream(folder.path() / "secret", std::ios::binary) << content;
    return substitute("<${file:secret}>", fake_environment(), folder.path()).text;
  };
  EXPECT_EQ(of_file("x"), "<x>");
  EXPECT_EQ(of_file("x\n"), "<x>");
  EXPECT_EQ(of_file("x\r\n"), "<x>");
  EXPECT_EQ(of_file("x\n\n"), "<x\n>");
  EXPECT_EQ(of_file("${HOST}"), "<${HOST}>");
  EXPECT_EQ(substitute("${file:" + (folder.path() / "secret").string() + "}", fake_environment(),
                       "/nowhere")
                .text,
            "${HOST}");
}

TEST(Substitution, NotesEveryReferenceThatGivesNothing) {
  const Substituted result =
      substitute("${NONE} ${file:absent} ${a b} ${OTHER:-${NONE}}", fake_environment(), "/nowhere");
  EXPECT_THAT(result.problems,
              ElementsAre(HasSubstr("NONE is not set"), HasSubstr("/nowhere/absent cannot be read"),
                          HasSubstr("a ${...} that is not ${NAME}"), HasSubstr("NONE is not set")));
}

TEST(Substitution, BoundsNestingAndFiles) {
  std::string nested;
  for (int level = 0; level < 100'000; ++level) {
    nested += "${A:-";
  }
  EXPECT_THAT(substitute(nested, fake_environment(), "/").problems,
              ElementsAre(HasSubstr("without its }")));
  nested += std::string(100'000, '}');
  EXPECT_THAT(substitute(nested, fake_environment(), "/").problems,
              ElementsAre(HasSubstr("too deep")));
  EXPECT_THAT(substitute("${file:/dev/zero}", fake_environment(), "/").problems,
              ElementsAre(HasSubstr("is larger than 1MiB")));
}

}  // namespace
}  // namespace rowferry::config
