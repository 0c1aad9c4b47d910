#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "connections/file/file_connection.hpp"
#include "objects/object_settings.hpp"
#include "sinks/file/file_sink.hpp"
#include "tests/contract/sink_harnesses.hpp"
#include "tests/support/change_log_reader.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry::test {
namespace {

class FileHarness : public SinkHarness {
 public:
  FileHarness(TestLoop& loop, ObjectSettings settings, std::optional<TestRow> refused = {})
      : loop_(loop),
        settings_(std::move(settings)),
        refused_(std::move(refused)),
        by_column_(!settings_.key.columns().empty()) {}

  std::unique_ptr<Sink> make_sink() override {
    auto connection =
        std::make_shared<FileConnection>("disk", folder_.path() / "out", loop_.runtime());
    return std::make_unique<FileSink>(std::move(connection), settings_, loop_.runtime());
  }
  TestContent content() override { return read_log().content; }
  std::size_t rows_as_read() override { return read_log().rows; }
  std::optional<TestRow> refused_row() override { return refused_; }

 private:
  ChangeLog read_log() { return read_change_log(folder_.path() / "out", "movies", by_column_); }

  TestLoop& loop_;
  TemporaryFolder folder_;
  ObjectSettings settings_;
  std::optional<TestRow> refused_;
  bool by_column_;
};

ObjectSettings settings_with(std::string_view key) {
  ObjectSettings settings;
  settings.key = KeyTemplate::parse(key);
  settings.change_columns = ChangeColumns::yes;
  settings.change_log = true;
  return settings;
}

}  // namespace

std::unique_ptr<SinkHarness> make_file_harness(TestLoop& loop) {
  return std::make_unique<FileHarness>(loop,
                                       settings_with("{job}/{run_seq:06}/part-{part:04}.ndjson"));
}

std::unique_ptr<SinkHarness> make_small_objects_harness(TestLoop& loop) {
  ObjectSettings settings = settings_with("{job}/{run_seq}-{part}");
  settings.object_bytes = 1024;
  return std::make_unique<FileHarness>(loop, std::move(settings));
}

std::unique_ptr<SinkHarness> make_file_by_column_harness(TestLoop& loop) {
  ObjectSettings settings = settings_with("{job}/title={column:title}/{run_seq}-{part}.ndjson");
  settings.open_objects = 2;
  const TestRow too_long{2, std::string(300, 'x')};
  return std::make_unique<FileHarness>(loop, std::move(settings), too_long);
}

}  // namespace rowferry::test
