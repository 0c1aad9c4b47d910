#include "load_yaml.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "fake_components.hpp"

namespace rowferry::config {

void YamlFile::write(const std::string& name, std::string_view content) const {
  std::ofstream(folder() / name, std::ios::binary) << content;
}

LoadResult YamlFile::load(std::string_view yaml) {
  write("app.yaml", yaml);
  const Environment lookup{[this](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  }};
  return load_settings(folder() / "app.yaml", make_fake_components(), redactor, lookup);
}

std::string problems_of(std::string_view yaml) {
  YamlFile file;
  const LoadResult result = file.load(yaml);
  std::string text;
  for (const Problem& problem : result.problems.list()) {
    text += fmt::format("{}: {}: {}\n", problem.line, problem.key_path, problem.text);
  }
  return text;
}

void expect_wrong(std::string_view before, const std::vector<Wrong>& table) {
  for (const Wrong& wrong : table) {
    YamlFile file;
    const LoadResult result = file.load(std::string(before) + std::string(wrong.yaml));
    SCOPED_TRACE(std::string(wrong.yaml));
    EXPECT_FALSE(result.settings.has_value());
    ASSERT_EQ(result.problems.list().size(), 1u) << result.problems.to_text();
    const Problem& problem = result.problems.list().front();
    EXPECT_EQ(problem.line, wrong.line);
    EXPECT_EQ(problem.key_path, wrong.key_path);
    EXPECT_THAT(problem.text, testing::HasSubstr(std::string(wrong.text)));
  }
}

}  // namespace rowferry::config
