// Files that are no YAML, or YAML that is no configuration.
#include <gmock/gmock.h>

#include <random>

#include "fake_components.hpp"
#include "load_yaml.hpp"

namespace rowferry::config {
namespace {

using testing::HasSubstr;
using namespace std::string_view_literals;

TEST(WrongYaml, SaysWhereTheFileItselfIsWrong) {
  expect_wrong(
      "", {
              {"", 1, "", "the file is empty"},
              {"   \n\n", 1, "", "the file is empty"},
              {"# only a comment\n", 1, "", "the file is empty"},
              {"---\n", 1, "", "the file is empty"},
              {"\xef\xbb\xbf", 1, "", "the file is empty"},
              {"just text\n", 1, "", "must be a map"},
              {"- a\n- b\n", 1, "", "must be a map"},
              {"daemon: {\n", 1, "", "not YAML"},
              {"daemon:\n  log: {level: info\njobs: 1\n", 2, "", "a { or [ is not closed"},
              {"daemon: *nobody\n", 1, "", "not YAML"},
              {"a: 'unclosed\n", 1, "", "a quote is not closed"},
              {"a: 'x\nb: y\n", 1, "", "a quote is not closed"},
              {"a: \"x", 1, "", "a quote is not closed"},
              {"daemon:\n\tlog: {}\n", 2, "", "not with a tab"},
              {"daemon: {listen: ${HOST}:80}\n", 1, "", "needs quotes"},
              {"daemon: &a [*a]\n", 1, "daemon[0]", "refers to itself"},
              {"daemon:\n  log: {level: info}\n---\njobs: {}\n", 3, "", "a second document"},
              {"daemon: {}\n\0\n"sv, 2, "", "not a text file"},
              {"daemon: \x01\n", 1, "", "not a text file"},
              {"daemon: {}\n# \xff\xfe\n", 2, "", "not UTF-8"},
              {"daemon: {log: {level: info}}\ndaemon: {}\n", 2, "daemon",
               "duplicate key, first given in line 1"},
              {"daemon:\n  log:\n    level: info\n    level: warn\n", 4, "daemon.log.level",
               "duplicate key"},
              {"daemon: {log: {level: info}}\n? [a]\n: b\n", 2, "", "where a key is expected"},
              {"demon: {history_runs: 5}\n", 1, "demon", "unknown key, did you mean 'daemon'?"},
              {"daemon: text\n", 1, "daemon", "must be a map"},
              {"connections: [a]\n", 1, "connections", "must be a map"},
              {"jobs: 12\n", 1, "jobs", "must be a map"},
              {"daemon: {<<: 5, history_runs: 5}\n", 1, "daemon.<<", "must be a map"},
          });
}

TEST(WrongYaml, RefusesWhatIsNoFile) {
  YamlFile file;
  const auto load = [&](const std::filesystem::path& path) {
    return load_settings(path, make_fake_components(), file.redactor).problems.to_text();
  };
  const std::string missing = (file.folder() / "missing.yaml").string();
  EXPECT_EQ(load(missing), missing + ":1: the file cannot be read: No such file or directory\n");
  EXPECT_THAT(load(file.folder()), HasSubstr(":1: the file cannot be read: is a folder"));
  EXPECT_THAT(load("/dev/zero"), HasSubstr("is larger than 16MiB"));
}

TEST(WrongYaml, SurvivesAliasesThatWouldGrowWithoutBound) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  std::string merges = "b0: &b0 {x: 1}\n";
  for (int level = 1; level < 200; ++level) {
    const std::string last = std::to_string(level - 1);
    const std::string name = std::to_string(level);
    bomb += "a" + name + ": &a" + name + " [";
    merges += "b" + name + ": &b" + name + " {<<: [";
    for (int copy = 0; copy < 10; ++copy) {
      bomb += (copy == 0 ? "*a" : ", *a") + last;
      merges += (copy == 0 ? "*b" : ", *b") + last;
    }
    bomb += "]\n";
    merges += "], y" + name + ": 1}\n";
  }
  EXPECT_THAT(problems_of(bomb), HasSubstr("1: a0: unknown key"));
  EXPECT_THAT(problems_of(bomb + "jobs: *a199\n"), HasSubstr("jobs: must be a map"));
  EXPECT_THAT(problems_of(merges), HasSubstr("too much is merged"));
}

TEST(WrongYaml, SurvivesDeepNesting) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(problems_of("daemon: " + deep),
            "1: : not YAML: nested too deeply: more than 64 levels\n");
  std::string chain = "daemon:\n";
  for (int level = 0; level < 3000; ++level) {
    chain += std::string(static_cast<std::size_t>(level), ' ') + " a:\n";
  }
  EXPECT_EQ(problems_of(chain), "65: : not YAML: nested too deeply: more than 64 levels\n");
}

TEST(WrongYaml, SurvivesLongChainsOfAliases) {
  std::string chain = "a0: &a0 {k: v}\n";
  for (int level = 1; level < 5000; ++level) {
    const std::string last = std::to_string(level - 1);
    const std::string name = std::to_string(level);
    chain += "a" + name + ": &a" + name + " [[[[[[[[*a" + last + "]]]]]]]]\n";
  }
  EXPECT_THAT(problems_of(chain), HasSubstr("a4999: unknown key"));
}

TEST(WrongYaml, SurvivesRandomBytesAndDamagedFiles) {
  std::mt19937 random(42);
  const std::string good = std::string(kConnections) +
                           "jobs:\n  m: &m\n    source: {connection: shop, table: t}\n"
                           "    sink: {connection: search, index: '${I:-i}'}\n  n: {<<: *m}\n";
  for (int round = 0; round < 300; ++round) {
    std::string damaged = good;
    for (int edits = 0; edits < 1 + round % 4; ++edits) {
      const std::size_t at = random() % damaged.size();
      constexpr std::string_view kSigns = "{}[]:,&*!|>'\"%@`#-?\n \t$~<";
      switch (random() % 3) {
        case 0:
          damaged[at] = kSigns[random() % kSigns.size()];
          break;
        case 1:
          damaged.erase(at, 1 + random() % 10);
          break;
        default:
          damaged.insert(at, 1, kSigns[random() % kSigns.size()]);
      }
      damaged += ' ';
    }
    std::ignore = problems_of(damaged);
  }
}

}  // namespace
}  // namespace rowferry::config
