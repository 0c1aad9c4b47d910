#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

/// A log that writes into a file of its own.
class FileLog {
 public:
  explicit FileLog(LogSettings settings = {}) {
    settings.file = file().string();
    redactor.add(Secret("sesame \"street\""));
    log = std::make_unique<Log>(settings, redactor);
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "app.log"; }

  [[nodiscard]] std::vector<std::string> lines() {
    log->flush();
    std::vector<std::string> lines;
    std::ifstream stream(file());
    for (std::string line; std::getline(stream, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  /// The only line, without its time.
  [[nodiscard]] std::string only_line() {
    const auto all = lines();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? "" : all[0].substr(std::min<std::size_t>(25, all[0].size()));
  }

  Redactor redactor;
  std::unique_ptr<Log> log;

 private:
  test::TemporaryFolder folder_;
};

LogSettings json_settings() {
  LogSettings settings;
  settings.json = true;
  return settings;
}

TEST(Log, WritesATextLine) {
  FileLog file;
  file.log->info("run finished", {{"job", "movies"}, {"rows", 12}});
  EXPECT_THAT(
      file.lines().at(0),
      MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z info  "
                   "run finished job=movies rows=12"));
}

TEST(Log, QuotesWhatWouldTearALineApart) {
  FileLog file;
  file.log->warn("two\nlines",
                 {{"a", "x y"}, {"b", ""}, {"c", "q\"=\\"}, {"d", "n\nl"}, {"e", 1.5}});
  EXPECT_EQ(file.only_line(), R"(warn  two\nlines a="x y" b="" c="q\"=\\" d="n\nl" e=1.5)");
}

TEST(Log, WritesAJsonLine) {
  FileLog file(json_settings());
  file.log->error("it \"broke\"",
                  {{"job", "a b"}, {"rows", 12}, {"ok", false}, {"nan", std::nan("")}});
  const boost::json::object line = boost::json::parse(file.lines().at(0)).as_object();
  EXPECT_EQ(line.at("time").as_string().size(), 24u);
  EXPECT_EQ(line.at("level"), "error");
  EXPECT_EQ(line.at("message"), "it \"broke\"");
  EXPECT_EQ(line.at("job"), "a b");
  EXPECT_EQ(line.at("rows"), 12);
  EXPECT_EQ(line.at("ok"), false);
  EXPECT_EQ(line.at("nan"), "nan");
}

TEST(Log, NeverWritesASecret) {
  for (const bool json : {false, true}) {
    LogSettings settings;
    settings.json = json;
    FileLog file(settings);
    file.log->info("it is sesame \"street\"", {{"error", "no: sesame \"street\"!"}});
    const std::string line = file.lines().at(0);
    EXPECT_THAT(line, testing::Not(HasSubstr("sesame")));
    EXPECT_THAT(line, HasSubstr("it is ***"));
  }
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  LogSettings settings;
  settings.level = LogLevel::warn;
  FileLog file(settings);
  file.log->trace("no");
  file.log->debug("no");
  file.log->info("no");
  file.log->warn("yes");
  file.log->error("yes");
  EXPECT_EQ(file.lines().size(), 2u);
  EXPECT_TRUE(file.log->enabled(LogLevel::error));
  EXPECT_FALSE(file.log->enabled(LogLevel::info));
}

TEST(Log, ReplacesWhatIsNotUtf8AndCutsWhatIsTooLong) {
  FileLog file(json_settings());
  file.log->info("a\xff\xc3\xa9\xc3", {{"long", std::string(1u << 20, 'x')}});
  const std::string text = file.lines().at(0);
  EXPECT_LT(text.size(), 10'000u);
  EXPECT_EQ(boost::json::parse(text).at("message"), "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
}

TEST(Log, KeepsNoMoreFilesAndBytesThanAsked) {
  LogSettings settings;
  settings.bytes_max = 2000;
  settings.files_max = 3;
  FileLog file(settings);
  for (int line = 0; line < 200; ++line) {
    file.log->info("a line of some length", {{"number", line}});
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(file.file().parent_path())) {
    ++files;
    EXPECT_LE(entry.file_size(), 2000u);
  }
  EXPECT_EQ(files, 3u);
  EXPECT_THAT(file.lines().back(), HasSubstr("number=199"));
}

TEST(Log, OpensTheFileAgainAfterItWasMovedAway) {
  FileLog file;
  file.log->info("before");
  std::filesystem::rename(file.file(), file.file().parent_path() / "moved");
  file.log->flush();
  file.log->info("after");
  EXPECT_EQ(file.only_line(), "info  after");
}

TEST(Log, WritesWholeLinesFromSeveralThreads) {
  FileLog file;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&file, thread] {
      for (int line = 0; line < 100; ++line) {
        file.log->info("line", {{"thread", thread}, {"number", line}});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const auto lines = file.lines();
  EXPECT_EQ(lines.size(), 400u);
  for (const std::string& line : lines) {
    EXPECT_THAT(line, MatchesRegex("[^ ]+ info  line thread=[0-9] number=[0-9]+"));
  }
}

TEST(Log, RefusesAFileThatCannotBeWritten) {
  const test::TemporaryFolder folder;
  const Redactor redactor;
  LogSettings settings;
  settings.file = folder.path().string();
  EXPECT_THROW(Log(settings, redactor), Error);
}

TEST(Log, SurvivesAFullDisk) {
  const Redactor redactor;
  LogSettings settings;
  settings.file = "/dev/full";
  settings.bytes_max = 1u << 30;
  settings.files_max = 1;
  Log log(settings, redactor);
  for (int line = 0; line < 100; ++line) {
    log.info("a line that finds no room");
  }
}

}  // namespace
}  // namespace rowferry
