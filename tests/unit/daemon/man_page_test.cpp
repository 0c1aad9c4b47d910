// The manual page names every option of every command, and no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "daemon/options.hpp"

namespace rowferry {
namespace {

using Names = std::set<std::string>;
using Commands = std::map<std::string, Names>;

/// `--token-file` of `.BI \-\-token\-file " FILE"`, `JOB` of `.I JOB`.
std::string tag_of(std::string line) {
  line.erase(std::remove(line.begin(), line.end(), '\\'), line.end());
  std::istringstream words(line);
  std::string macro;
  std::string name;
  words >> macro >> name;
  return name;
}

/// The commands of the page's section COMMANDS, each with the tags of its paragraphs.
Commands commands_of_page() {
  std::ifstream page(ROWFERRY_SOURCE_DIR "/deploy/man/rowferry.1");
  Commands commands;
  std::string command;
  std::string line;
  bool is_tag = false;
  while (std::getline(page, line)) {
    if (line.starts_with(".SS ")) {
      command = line.substr(4);
      commands[command];
    } else if (line.starts_with(".SH ")) {
      command.clear();
    } else if (is_tag && !command.empty()) {
      commands[command].insert(tag_of(line));
    }
    is_tag = line == ".TP";
  }
  return commands;
}

Commands commands_of_program() {
  Commands commands;
  for (const CommandHelp& help : command_help()) {
    commands[help.name] = Names(help.options.begin(), help.options.end());
    commands[help.name].erase("--help");
  }
  return commands;
}

TEST(ManPage, NamesEveryCommandWithItsOptions) {
  const Commands page = commands_of_page();
  const Commands program = commands_of_program();
  ASSERT_GE(program.size(), 10u);
  EXPECT_EQ(page, program);
}

TEST(ManPage, NamesTheEnvironment) {
  std::ifstream page(ROWFERRY_SOURCE_DIR "/deploy/man/rowferry.1");
  std::stringstream text;
  text << page.rdbuf();
  for (const char* name : {"ROWFERRY_API", "ROWFERRY_TOKEN_FILE", "ROWFERRY_CA_FILE"}) {
    EXPECT_NE(text.str().find(std::string(".B ") + name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace rowferry
