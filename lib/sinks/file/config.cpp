#include "sinks/file/config.hpp"

#include <memory>
#include <utility>

#include "objects/object_names.hpp"
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
  parsed.target = settings.key.text_of(job.name, job.table);
  parsed.names = object_names(settings, job.name, job.table);
  parsed.apart_by = "a key in another folder";
  parsed.make = [settings = std::move(settings)](std::shared_ptr<Connection> connection,
                                                 const Runtime& runtime) -> std::unique_ptr<Sink> {
    return std::make_unique<FileSink>(std::dynamic_pointer_cast<FileConnection>(connection),
                                      settings, runtime);
  };
  return parsed;
}

}  // namespace rowferry
