#include "sinks/file/config.hpp"

#include <memory>
#include <utility>

#include "objects/object_settings.hpp"
#include "sinks/file/file_sink.hpp"

namespace rowferry {
namespace {

// Keys of S3 and Parquet that a file sink will know or ignore.
void note_later_keys(const config::Node& sink) {
  for (const char* key : {"part_bytes", "parts_in_flight", "row_group_bytes"}) {
    sink.not_built(key);
  }
}

}  // namespace

config::ParsedSink parse_file_sink(const JobSettings& job, const config::Node& sink) {
  ObjectSettings settings = parse_object_settings(job, sink);
  note_later_keys(sink);
  config::ParsedSink parsed;
  // Two jobs clash when they share a manifest, or without manifests when they share keys.
  parsed.target = settings.manifest
                      ? settings.key.folder(job.name, "{table}") + std::string(kManifestName)
                      : settings.key.text();
  parsed.make = [settings = std::move(settings)](std::shared_ptr<Connection> connection,
                                                 const Runtime& runtime) -> std::unique_ptr<Sink> {
    return std::make_unique<FileSink>(std::dynamic_pointer_cast<FileConnection>(connection),
                                      settings, runtime);
  };
  return parsed;
}

}  // namespace rowferry
