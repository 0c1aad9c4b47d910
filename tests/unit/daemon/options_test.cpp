#include "daemon/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <vector>

namespace rowferry {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

ParsedOptions parse(std::vector<const char*> words) {
  words.insert(words.begin(), "rowferry");
  return parse_options(static_cast<int>(words.size()), words.data());
}

/// The options of a right command line.
Options right(const std::vector<const char*>& words) {
  const ParsedOptions parsed = parse(words);
  EXPECT_TRUE(parsed.options.has_value());
  return parsed.options.value_or(Options());
}

/// What a wrong command line is told.
std::string mistake(const std::vector<const char*>& words) {
  CaptureStderr();
  const ParsedOptions parsed = parse(words);
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.status, ExitStatus::wrong_usage);
  return GetCapturedStderr();
}

/// What a call for help prints.
std::string help(const std::vector<const char*>& words) {
  CaptureStdout();
  const ParsedOptions parsed = parse(words);
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.status, ExitStatus::done);
  return GetCapturedStdout();
}

/// Variables of the environment, taken away again at the end.
class OptionsOfTheEnvironment : public testing::Test {
 protected:
  void SetUp() override {
    setenv("ROWFERRY_API", "http://other:1", 1);
    setenv("ROWFERRY_TOKEN_FILE", "/other/token", 1);
  }
  void TearDown() override {
    unsetenv("ROWFERRY_API");
    unsetenv("ROWFERRY_TOKEN_FILE");
  }
};

TEST(Options, OfStatus) {
  const Options options = right({"status", "movies", "--json"});
  EXPECT_EQ(options.command, Command::status);
  EXPECT_EQ(options.job, "movies");
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.api.url, "http://127.0.0.1:8470");
  EXPECT_EQ(options.api.token_file, "");
  EXPECT_EQ(right({"status"}).job, "");
}

TEST(Options, OfTrigger) {
  const Options options = right({"trigger", "--type", "full", "--wait", "movies", "--api",
                                 "unix:/run/a.sock", "--token-file", "/t", "--ca-file", "/c"});
  EXPECT_EQ(options.command, Command::trigger);
  EXPECT_EQ(options.run_type, "full");
  EXPECT_TRUE(options.wait);
  EXPECT_EQ(options.api.url, "unix:/run/a.sock");
  EXPECT_EQ(options.api.token_file, "/t");
  EXPECT_EQ(options.api.ca_file, "/c");
  EXPECT_TRUE(right({"trigger", "--all"}).all);
}

TEST(Options, OfPlan) {
  const Options options = right({"plan", "--config", "c.yaml", "movies", "--json"});
  EXPECT_EQ(options.command, Command::plan);
  EXPECT_EQ(options.config, "c.yaml");
  EXPECT_EQ(options.job, "movies");
  EXPECT_TRUE(options.json);
  EXPECT_EQ(right({"plan", "--config", "c.yaml"}).job, "");
  EXPECT_THAT(mistake({"plan", "movies"}), HasSubstr("--config"));
}

TEST(Options, OfDeadLetters) {
  const Options options =
      right({"dead-letters", "list", "movies", "--reason", "no date", "--limit", "5"});
  EXPECT_EQ(options.command, Command::dead_letters_list);
  EXPECT_EQ(options.job, "movies");
  EXPECT_EQ(options.reason, "no date");
  EXPECT_EQ(options.limit, 5);
  EXPECT_EQ(right({"dead-letters", "replay", "m"}).command, Command::dead_letters_replay);
  EXPECT_EQ(right({"dead-letters", "drop", "m"}).command, Command::dead_letters_drop);
}

TEST_F(OptionsOfTheEnvironment, GiveWayToTheCommandLine) {
  EXPECT_EQ(right({"status"}).api.url, "http://other:1");
  EXPECT_EQ(right({"cancel", "movies"}).api.token_file, "/other/token");
  const Options options = right({"status", "--api", "http://mine:2", "--token-file", "/mine"});
  EXPECT_EQ(options.api.url, "http://mine:2");
  EXPECT_EQ(options.api.token_file, "/mine");
  EXPECT_EQ(right({"dead-letters", "drop", "m", "--api", "http://mine:2"}).api.url,
            "http://mine:2");
}

TEST(Options, OfAWrongCommandLineAreNone) {
  EXPECT_THAT(mistake({"staus"}), HasSubstr("no command 'staus', did you mean 'status'?"));
  EXPECT_THAT(mistake({"help", "triger"}), HasSubstr("did you mean 'trigger'?"));
  EXPECT_THAT(mistake({"trigger", "movies", "--type", "fast"}), HasSubstr("fast"));
  EXPECT_THAT(mistake({"trigger", "movies", "--all"}), HasSubstr("--all"));
  EXPECT_THAT(mistake({"status", "a", "b"}), HasSubstr("b"));
  EXPECT_THAT(mistake({"dead-letters"}), HasSubstr("Try: rowferry help"));
  EXPECT_THAT(mistake({"dead-letters", "list"}), HasSubstr("JOB"));
  EXPECT_THAT(mistake({"dead-letters", "list", "m", "--limit", "1001"}), HasSubstr("1001"));
  EXPECT_THAT(mistake({"status", "--tokn-file", "x"}), HasSubstr("--tokn-file"));
  EXPECT_THAT(mistake({"validate"}), HasSubstr("validate: not built yet"));
}

TEST(Options, HaveHelpWithExamplesForEveryCommand) {
  for (const CommandHelp& command : command_help()) {
    if (command.options == std::vector<std::string>{"--help"}) {
      continue;  // of a later version
    }
    std::vector<std::string> words = {"help"};
    std::istringstream names(command.name);
    for (std::string name; names >> name;) {
      words.push_back(name);
    }
    std::vector<const char*> pointers;
    for (const std::string& word : words) {
      pointers.push_back(word.c_str());
    }
    const std::string text = help(pointers);
    EXPECT_THAT(text, HasSubstr("Examples:\n  rowferry " + command.name)) << command.name;
    for (const std::string& option : command.options) {
      EXPECT_THAT(text, HasSubstr(option)) << command.name;
    }
  }
  const std::string all = help({"help"});
  for (const CommandHelp& command : command_help()) {
    EXPECT_THAT(all, HasSubstr(command.name.substr(0, command.name.find(' '))));
  }
  EXPECT_THAT(help({"--version"}), HasSubstr("rowferry "));
}

}  // namespace
}  // namespace rowferry
