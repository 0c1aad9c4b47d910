#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "connections/file/file_connection.hpp"
#include "objects/manifest.hpp"
#include "objects/object_settings.hpp"
#include "sinks/file/file_sink.hpp"
#include "tests/support/change_log_reader.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::test {

/// A file sink over a folder, driven as the engine drives it.
class FileSinkTest : public testing::Test {
 protected:
  FileSinkTest() { use_key("{job}/{run_seq:06}/part-{part:04}.ndjson"); }

  void use_key(std::string_view key) { settings_.key = KeyTemplate::parse(key); }

  void make_sink() {
    sink_ =
        std::make_unique<FileSink>(std::make_shared<FileConnection>("disk", base_, loop_.runtime()),
                                   settings_, loop_.runtime());
  }

  void open(std::int64_t run_seq, bool full_copy = true) {
    if (!sink_) {
      make_sink();
    }
    context_ = loop_.context(run_seq);
    context_->full_copy = full_copy;
    loop_.run(sink_->open(schema_, *context_, loop_.saved_receipt));
  }

  WriteResult write(const std::vector<TestRow>& rows) {
    const Batch batch = make_batch(schema_, rows, ++sequence_);
    return loop_.run(sink_->write(batch));
  }

  void commit() { loop_.saved_receipt = loop_.run(sink_->flush({})); }
  void finish() { loop_.run(sink_->finish({})); }
  void commit_and_finish() {
    commit();
    finish();
  }
  void full_run(std::int64_t run_seq, const std::vector<TestRow>& rows) {
    open(run_seq);
    if (!rows.empty()) {
      write(rows);
    }
    commit_and_finish();
  }

  /// The paths of all files below the folder.
  std::set<std::string> files() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(base_)) {
      if (!entry.is_directory()) {
        found.insert(std::filesystem::relative(entry.path(), base_).string());
      }
    }
    return found;
  }

  std::string content_of(const std::string& key) const { return read_file(base_ / key); }
  Manifest manifest(const std::string& key = "movies/_manifest.json") const {
    return decode_manifest(content_of(key)).value();
  }

  template <class Function>
  static Error error_of(Function function) {
    try {
      function();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {Failure::internal, ""};
  }

  TestLoop loop_;
  TemporaryFolder folder_;
  std::filesystem::path base_ = folder_.path() / "out";
  ObjectSettings settings_;
  SchemaPointer schema_ = test_schema();
  std::unique_ptr<FileSink> sink_;
  std::optional<RunContext> context_;
  std::int64_t sequence_ = 0;
};

using Files = std::set<std::string>;

}  // namespace rowferry::test
