// What `FileSink::examine` finds: nothing is made.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "base/blocking.hpp"
#include "base/error.hpp"
#include "connections/file/folder_examination.hpp"
#include "objects/object_progress.hpp"
#include "sinks/file/file_sink.hpp"

namespace rowferry {
namespace {

// Rows gathered for a write, of each open object.
constexpr std::size_t kUnwrittenBytesMax = 512u << 10;
constexpr std::size_t kLineBytes = 64;

void describe_columns(const Schema& schema, const ObjectSettings& settings,
                      SinkExamination& result) {
  for (const Column& column : schema.columns) {
    const bool is_json = settings.format == ObjectFormat::ndjson;
    const std::string form = is_json ? json_form(column.type) : "the server's text";
    result.forms.push_back(is_written(column, settings.change_columns) ? form : "");
  }
}

void add_buffers(const SinkExaminationRequest& request, const ObjectSettings& settings,
                 std::size_t writes, SinkExamination& result) {
  const std::size_t rows = json_bytes_bound(request.limits, *request.schema, kLineBytes);
  result.buffers.push_back(
      {fmt::format("sending: {} batches as {}", writes, to_string(settings.format)),
       writes * rows});
  result.buffers.push_back({fmt::format("sending: {} open objects", settings.open_objects),
                            settings.open_objects * kUnwrittenBytesMax});
}

void show_rows(const EncodedRows& rows, std::size_t line_end_bytes, SinkExamination& result) {
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    std::string line(rows.view(row, row + 1));
    line.resize(line.size() - line_end_bytes);
    result.samples.push_back(std::move(line));
  }
  for (const RowIssue& issue : rows.issues) {
    result.samples.push_back("a reject: " + issue.reason);
  }
}

}  // namespace

Task<SinkExamination> FileSink::examine(SinkExaminationRequest request) {
  SinkExamination result;
  std::optional<Error> failure;
  try {
    co_await examine_folder(request, result);
    if (request.schema != nullptr) {
      co_await examine_schema(request, result);
    }
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    Finding finding = finding_of(*failure);
    finding.remedy = "correct sink.key, or the rights of the folder";
    result.findings.push_back(std::move(finding));
  }
  co_return result;
}

// The folder below which all objects of the job lie.
Task<> FileSink::examine_folder(const SinkExaminationRequest& request, SinkExamination& result) {
  const std::string table = request.schema == nullptr ? std::string() : request.schema->table;
  const std::filesystem::path folder =
      folder_.path_of(settings_.key.folder(request.job, table)).lexically_normal();
  auto look = [folder] { return look_at_folder(folder); };
  const FolderFacts facts = co_await run_blocking(runtime_.workers, std::move(look));
  result.findings = judge_folder(facts, request.bytes_expected);
  if (!facts.exists) {
    result.creations.push_back({fmt::format("folder {}", folder.string()), ""});
  }
}

Task<> FileSink::examine_schema(const SinkExaminationRequest& request, SinkExamination& result) {
  const RowEncoder encoder(request.schema, settings_);
  if (request.depth == Depth::check) {
    co_return;
  }
  describe_columns(*request.schema, settings_, result);
  add_buffers(request, settings_, traits().writes_in_flight, result);
  EncodedRows rows;
  if (request.samples != nullptr) {
    encoder.encode(*request.samples, rows);
    show_rows(rows, encoder.line_end_bytes(), result);
  }
  const std::int64_t last = co_await last_run_seq(request.job, request.schema->table);
  ObjectReceipt receipt;
  receipt.run_seq = last + 1;
  receipt.started = runtime_.clock.wall_now();
  ObjectProgress progress(settings_.key, request.job, request.schema->table, receipt);
  const std::vector<std::string> values =
      rows.groups.empty() ? settings_.key.columns() : rows.groups.front();
  result.creations.push_back(
      {fmt::format("objects like {}", progress.next_key(values)), encoder.header()});
  if (settings_.manifest) {
    const std::string folder = settings_.key.folder(request.job, request.schema->table);
    result.creations.push_back({fmt::format("manifest {}_manifest.json", folder), ""});
  }
}

}  // namespace rowferry
