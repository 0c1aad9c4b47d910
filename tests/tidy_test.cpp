#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "tests/tidy/rules.hpp"
#include "tests/tidy/structure.hpp"

namespace rowferry::tidy {
namespace {

namespace fs = std::filesystem;
using Rule = std::function<void(const SourceText&, Violations&)>;
using LineRule =
    std::function<void(std::string_view, const std::vector<std::string>&, Violations&)>;

const fs::path kTree = ROWFERRY_SOURCE_DIR;
constexpr const char* kFolders[] = {"daemon", "lib", "api", "tests"};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every entry below the folders of sources, as paths relative to the tree, sorted.
std::vector<fs::path> entries(bool folders) {
  std::vector<fs::path> found;
  for (const char* folder : kFolders) {
    if (folders) {
      found.emplace_back(folder);
    }
    for (const auto& entry : fs::recursive_directory_iterator(kTree / folder)) {
      if (entry.is_directory() == folders) {
        found.push_back(fs::relative(entry.path(), kTree));
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

void check_tree(const Rule& rule) {
  Violations found;
  for (const fs::path& path : entries(false)) {
    if (path.extension() == ".cpp" || path.extension() == ".hpp") {
      rule(take_apart(path.string(), read(kTree / path)), found);
    }
  }
  for (const Violation& violation : found) {
    ADD_FAILURE() << violation.file << ":" << violation.line << ": " << violation.text;
  }
}

void check_tree_lines(const LineRule& rule) {
  Violations found;
  for (const fs::path& path : entries(false)) {
    const std::string kind = path.extension().string();
    if (kind == ".cpp" || kind == ".hpp" || kind == ".py" || kind == ".sh") {
      rule(path.string(), split_lines(read(kTree / path)), found);
    }
  }
  for (const Violation& violation : found) {
    ADD_FAILURE() << violation.file << ":" << violation.line << ": " << violation.text;
  }
}

/// The violations of one rule in a sample, as "LINE: text" lines.
std::string faults(const Rule& rule, std::string path, std::string_view text) {
  Violations found;
  rule(take_apart(std::move(path), text), found);
  std::string lines;
  for (const Violation& violation : found) {
    lines += std::to_string(violation.line) + ": " + violation.text + "\n";
  }
  return lines;
}

TEST(Tree, FilesAndLinesAreShort) { check_tree_lines(check_size); }
TEST(Tree, NothingIsLeftUnfinished) { check_tree_lines(check_unfinished); }
TEST(Tree, FunctionsAreSmall) { check_tree(check_functions); }
TEST(Tree, PublicThingsAreDocumented) { check_tree(check_documentation); }
TEST(Tree, HeadersOpenWithPragmaOnceAndMacrosStayInTests) { check_tree(check_preprocessor); }
TEST(Tree, BannedWordsAreAbsent) { check_tree(check_banned_words); }
TEST(Tree, IncludesFollowTheArrows) { check_tree(check_includes); }

/// Folders with files in them; of tests only the first level, for tests/unit mirrors lib and api.
bool must_explain_itself(const fs::path& folder) {
  const auto depth = std::distance(folder.begin(), folder.end());
  const bool hidden =
      folder.filename().string().starts_with('.') || folder.filename().string().starts_with("__");
  const auto& content = fs::directory_iterator(kTree / folder);
  const bool has_files = std::any_of(begin(content), end(content),
                                     [](const auto& entry) { return entry.is_regular_file(); });
  return !hidden && has_files && (*folder.begin() != "tests" || depth == 2);
}

TEST(Tree, FoldersExplainThemselves) {
  for (const fs::path& folder : entries(true)) {
    if (must_explain_itself(folder)) {
      EXPECT_TRUE(fs::exists(kTree / folder / "README.md")) << folder.string() << ": no README.md";
    }
  }
}

TEST(TidyRule, FindsLongLinesAndFiles) {
  Violations found;
  check_size("a.cpp", {std::string(100, 'x'), std::string(101, 'x')}, found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 2U);
  found.clear();
  std::string umlauts;
  for (int i = 0; i < 100; ++i) {
    umlauts += "\xc3\xbc";
  }
  check_size("a.cpp", {umlauts}, found);
  EXPECT_TRUE(found.empty()) << "columns are characters, not bytes";
  check_size("a.cpp", std::vector<std::string>(401), found);
  EXPECT_EQ(found.size(), 1U);
}

TEST(TidyRule, FindsUnfinishedWork) {
  Violations found;
  check_unfinished("a.cpp",
                   {"int a;  // TO"
                    "DO: more",
                    "int xxx;", "int METHODO;"},
                   found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 1U);
}

TEST(TidyRule, FindsLongFunctions) {
  std::string fits = "int f(int a) {\n";
  for (int i = 0; i < 58; ++i) {
    fits += "  ++a;\n";
  }
  EXPECT_EQ(faults(check_functions, "a.cpp", fits + "}\n"), "");
  EXPECT_EQ(faults(check_functions, "a.cpp", "\n" + fits + "  ++a;\n}\n"),
            "2: f: lines 61 (limit 60)\n");
}

TEST(TidyRule, FindsManyParameters) {
  EXPECT_EQ(faults(check_functions, "a.hpp", "int f(int, int, int, int, int, int);\n"),
            "1: f: parameters 6 (limit 5)\n");
  EXPECT_EQ(faults(check_functions, "a.hpp",
                   "struct A {\n  A(std::map<int, int> a, int b = g(1, 2), int c = {}, F<void(int, "
                   "int)> d, int e);\n};\n"),
            "");
  EXPECT_EQ(faults(check_functions, "a.cpp",
                   "void f() {\n  g([](int, int, int, int, int, int) { return 1; });\n}\n"),
            "2: lambda: parameters 6 (limit 5)\n");
  EXPECT_EQ(faults(check_functions, "a.cpp",
                   "A::A(int a, int b, int c, int d, int e, int f) : a_(a), b_{b} {}\n"),
            "1: A: parameters 6 (limit 5)\n");
}

TEST(TidyRule, FindsDeepNesting) {
  constexpr const char* kDeep = R"(
Task<> A::f(int a) const {
  if (a) {
    for (int i : {1, 2}) {
      while (a) {
        try {
          a = B{1}.x;
        } catch (const Error& error) {
        }
      }
    }
  }
}
)";
  EXPECT_EQ(faults(check_functions, "a.cpp", kDeep), "6: f: nesting 4 (limit 3)\n");
}

TEST(TidyRule, TakesLambdasInitialisersCasesAndRawStringsForWhatTheyAre) {
  constexpr const char* kFlat = R"sample(
namespace a::b {
const std::map<int, std::function<void(int)>> kTable = {
    {1, [](int x) { if (x) { g({{{{x}}}}); } }},
};
struct Local : Base<int> {
  enum class Kind { one, two } kind = Kind::one;
  explicit Local(int x) noexcept(true) : Base<int>{x}, y_{{x}} { y_ = {{{{1}}}}; }
  bool operator()(int x) const { return x > 0; }
  auto size() const -> decltype(auto) { return y_.size(); }
};
Task<> f(std::vector<std::vector<int>> rows) {
  for (const auto& [key, value] : rows) {
    switch (key) {
      case Kind::one: {
        if (value) {
          co_await run([this, key]() mutable -> Task<void> {
            if (key) { for (;;) { if (x) { break; } } }
          });
        }
        break;
      }
      default: return Point{1, 2};
    }
  }
  const auto text = R"({{{{{{ if (a) { )";
  const char brace = '{';
  const int large = 1'000'000;  // {{{{{{
  struct Inner { int a = 1; void f() { if (a) { ++a; } } };
}
}  // namespace a::b
)sample";
  EXPECT_EQ(faults(check_functions, "a.cpp", kFlat), "");
  std::string names;
  for (const Function& function : find_structure(take_apart("a.cpp", kFlat).tokens).functions) {
    names += function.name + " " + std::to_string(function.nesting) + "\n";
  }
  EXPECT_EQ(names, "lambda 1\nLocal 0\noperator 0\nsize 0\nf 3\nlambda 3\nf 1\n");
}

TEST(TidyRule, FindsUndocumentedDeclarations) {
  constexpr const char* kHeader = R"(#pragma once
namespace rowferry {
class Forward;
class Bare {
  void member();
};
/// Said.
template <class T>
class Said {};

/// One comment for both.
int f(int a);
int f(double a);

int bare(std::function<void(int)> call);

using Name = int;
inline void Bare::member() {}
namespace detail {
void hidden();
}
}  // namespace rowferry
)";
  EXPECT_EQ(faults(check_documentation, "lib/base/a.hpp", kHeader),
            "4: Bare: no /// before it\n15: bare: no /// before it\n");
  EXPECT_EQ(faults(check_documentation, "lib/base/a.cpp", kHeader), "");
  EXPECT_EQ(faults(check_documentation, "tests/support/a.hpp", kHeader), "");
}

TEST(TidyRule, FindsMacrosAndHeadersWithoutGuard) {
  EXPECT_EQ(faults(check_preprocessor, "lib/a.hpp", "#include <a>\n#define X \\\n 1\n"),
            "1: a header opens with #pragma once\n2: no macros outside tests\n");
  EXPECT_EQ(faults(check_preprocessor, "tests/a.cpp", "#define X 1\n"), "");
}

TEST(TidyRule, FindsBannedWords) {
  EXPECT_EQ(faults(check_banned_words, "lib/a.cpp", "co_spawn(x, f(), asio::detached);\n"),
            "1: what is detached cannot be awaited or ended\n");
  EXPECT_EQ(faults(check_banned_words, "lib/a.cpp", "// detached\nauto a = \"detached\";\n"), "");
  constexpr const char* kSleep = "std::this_thread::sleep_for(1ms);\n";
  EXPECT_NE(faults(check_banned_words, "tests/unit/base/a_test.cpp", kSleep), "");
  EXPECT_EQ(faults(check_banned_words, "tests/integration/a_test.cpp", kSleep), "");
  EXPECT_NE(faults(check_banned_words, "tests/unit/a.cpp", "TEST(A, DISABLED_B) {}\n"), "");
}

TEST(TidyRule, FindsIncludesAgainstTheArrows) {
  const auto fault = [](std::string path, const std::string& header) {
    return faults(check_includes, std::move(path), "#include " + header + "  // why\n") != "";
  };
  EXPECT_FALSE(fault("lib/core/a.hpp", "\"base/b.hpp\""));
  EXPECT_TRUE(fault("lib/core/a.hpp", "\"config/b.hpp\""));
  EXPECT_TRUE(fault("lib/base/a.hpp", "\"core/b.hpp\""));
  EXPECT_TRUE(fault("lib/sinks/file/a.hpp", "\"sinks/elasticsearch/b.hpp\""));
  EXPECT_FALSE(fault("lib/sinks/file/a.hpp", "\"sinks/file/b.hpp\""));
  EXPECT_TRUE(fault("lib/engine/a.hpp", "\"sources/postgres/b.hpp\""));
  EXPECT_FALSE(fault("lib/components.cpp", "\"sinks/file/b.hpp\""));
  EXPECT_TRUE(fault("lib/core/a.hpp", "\"components.hpp\""));
  EXPECT_FALSE(fault("api/a.cpp", "\"engine/control.hpp\""));
  EXPECT_TRUE(fault("api/a.cpp", "\"engine/job.hpp\""));
  EXPECT_FALSE(fault("daemon/app.cpp", "\"engine/job.hpp\""));
  EXPECT_TRUE(fault("lib/state/a.cpp", "<sqlite3.h>"));
  EXPECT_TRUE(fault("lib/state/a.cpp", "<libpq-fe.h>"));
  EXPECT_TRUE(fault("daemon/a.cpp", "<yaml-cpp/yaml.h>"));
  EXPECT_TRUE(fault("lib/sinks/file/a.cpp", "<boost/beast/http.hpp>"));
  EXPECT_FALSE(fault("lib/http/a.cpp", "<boost/beast/http.hpp>"));
  EXPECT_FALSE(fault("lib/engine/metrics_run.cpp", "<prometheus/counter.h>"));
  EXPECT_TRUE(fault("lib/engine/job.cpp", "<prometheus/counter.h>"));
}

}  // namespace
}  // namespace rowferry::tidy
