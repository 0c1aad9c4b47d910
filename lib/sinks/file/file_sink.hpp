#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/turnstile.hpp"
#include "connections/file/file_connection.hpp"
#include "core/sink.hpp"
#include "objects/object_progress.hpp"
#include "objects/object_router.hpp"
#include "objects/object_settings.hpp"
#include "objects/row_encoder.hpp"
#include "sinks/file/object_file.hpp"
#include "sinks/file/object_folder.hpp"

namespace rowferry {

/// Writes rows as files in the layout of an object store (see objects/). Two batches may be under
/// way: they are encoded side by side, and appended in the order of their calls. A flush seals the
/// open objects; all work on files and bytes is done on the workers.
class FileSink : public Sink {
 public:
  FileSink(std::shared_ptr<FileConnection> connection, ObjectSettings settings, Runtime runtime);
  ~FileSink() override;

  [[nodiscard]] SinkTraits traits() const override;
  Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) override;
  Task<WriteResult> write(const Batch& batch) override;
  Task<Receipt> flush(const Checkpoint& checkpoint) override;
  Task<> finish(const RunSummary& summary) override;
  Task<> close() override;
  Task<SinkExamination> examine(SinkExaminationRequest request) override;
  Task<std::int64_t> last_run_seq(std::string job, std::string table) override;

 private:
  using Steps = std::vector<ObjectStep>;

  [[nodiscard]] bool serves(const RunContext& context) const;
  void take_schema(SchemaPointer schema);
  Task<> begin_run(const RunContext& context, const Receipt& receipt);
  Task<> seal_open_objects();
  void abandon();

  void refuse_after_failure() const;
  void doubt_what_is_written();
  Task<> guarded(Task<> step);
  Task<> append(const EncodedRows& rows);
  Task<> begin_objects(const Steps& steps, std::map<std::int64_t, std::string>& keys);
  [[nodiscard]] std::string unused_key(const std::vector<std::string>& values);
  void carry_out(const Steps& steps, const EncodedRows& rows,
                 std::map<std::int64_t, std::string>& keys);
  void seal(std::int64_t object);

  Task<> examine_folder(const SinkExaminationRequest& request, SinkExamination& result);
  Task<> examine_schema(const SinkExaminationRequest& request, SinkExamination& result);

  [[nodiscard]] Manifest blank_manifest() const;
  [[nodiscard]] std::unique_ptr<EncodedRows> take_spare();

  std::shared_ptr<FileConnection> connection_;
  ObjectSettings settings_;
  Runtime runtime_;
  file::ObjectFolder folder_;
  Turnstile turns_;

  const RunContext* context_ = nullptr;
  std::int64_t run_seq_ = 0;  ///< 0: closed
  std::string unit_;
  /// Why nothing more can be written until the next open.
  std::optional<Error> failure_;
  SchemaPointer schema_;
  std::shared_ptr<const RowEncoder> encoder_;
  std::optional<ObjectRouter> router_;
  ObjectProgress progress_;
  std::map<std::int64_t, file::ObjectFile> files_;
  std::vector<std::unique_ptr<EncodedRows>> spares_;
};

}  // namespace rowferry
