// Rows a second that the file sink takes from batches in memory, beside encoding alone: what the
// sink adds is hashing (SHA-256 and the row digest) and writing.
//
//     ninja file_bench && bin/file_bench [FOLDER [ROUNDS]]
//
// FOLDER is made and removed; on tmpfs (/dev/shm, the default) the disk plays no part. The rows
// have the shape of bench_act (copy_bench.cpp): 12 columns, 315 bytes on the wire.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "connections/file/file_connection.hpp"
#include "core/cell_from_text.hpp"
#include "objects/row_encoder.hpp"
#include "sinks/file/file_sink.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kBatchRows = 5000;
constexpr std::int64_t kBatches = 400;

SchemaPointer make_schema() {
  const auto column = [](const char* name, ColumnType type) {
    return Column{name, {type}, "", true, false};
  };
  auto schema = std::make_shared<Schema>();
  schema->table = "bench_act";
  schema->columns = {column("id", ColumnType::int64),
                     column("updated_at", ColumnType::timestamptz),
                     column("kind", ColumnType::int32),
                     column("amount", ColumnType::numeric),
                     column("title", ColumnType::text),
                     column("payload", ColumnType::jsonb),
                     column("token", ColumnType::uuid),
                     column("active", ColumnType::boolean),
                     column("note", ColumnType::text),
                     column("parent", ColumnType::int64),
                     column("closed_at", ColumnType::timestamptz),
                     column("score", ColumnType::float64)};
  schema->identity = schema->key = {0};
  return schema;
}

std::vector<std::string> make_row(std::int64_t id) {
  const std::string hash = fmt::format("{:032x}", id * 2'654'435'761);
  return {std::to_string(id),
          fmt::format("2026-01-{:02}T{:02}:{:02}:{:02}.123456+00", id % 28 + 1, id % 24, id % 60,
                      id % 59),
          std::to_string(id % 1000),
          fmt::format("{}.{:02}", id, id % 100),
          hash + std::string(28, 'x'),
          fmt::format(R"({{"a": {}, "b": "{}", "c": [1, 2, 3], "d": "{}"}})", id, hash,
                      std::string(60, 'y')),
          hash,
          id % 2 == 0 ? "true" : "false",
          id % 3 == 0 ? fmt::format("note {}", id) : "",
          id % 4 == 0 ? std::to_string(id) : "",
          id % 5 == 0 ? "2026-02-01T00:00:00+00" : "",
          id % 7 == 0 ? fmt::format("{}", static_cast<double>(id) / 3) : ""};
}

Batch make_batch(const SchemaPointer& schema) {
  Batch batch;
  batch.clear(schema);
  Buffer binary;
  for (std::int64_t id = 1; id <= kBatchRows; ++id) {
    const std::vector<std::string> texts = make_row(id);
    Cell* cells = batch.add_row(Operation::upsert);
    for (std::size_t column = 0; column < texts.size(); ++column) {
      binary.clear();
      const Type& type = schema->columns[column].type;
      if (!texts[column].empty() && cell_from_text(type, texts[column], binary) == TextFit::fits) {
        cells[column] = batch.store(binary.view());
      }
    }
  }
  return batch;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class Work>
void measure(const char* name, Work work) {
  const double processor = processor_seconds();
  const auto begin = steady_clock::now();
  const std::size_t bytes = work();
  const double seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
  const double millions = static_cast<double>(kBatchRows * kBatches) / 1e6;
  fmt::print("{:8} {:9.0f} rows/s  {:5.0f} MB/s  processor {:.2f} s a million rows\n", name,
             millions * 1e6 / seconds, static_cast<double>(bytes) / 1e6 / seconds,
             (processor_seconds() - processor) / millions);
}

Task<> write_batches(FileSink& sink, const Batch& batch, std::int64_t count, std::size_t& bytes) {
  for (std::int64_t number = 0; number < count; ++number) {
    const WriteResult result = co_await sink.write(batch);
    bytes += result.bytes;
  }
}

// Two writers, as the engine keeps two writes under way; commits as the traits ask for.
Task<> write_all(FileSink& sink, const Batch& batch, const RunContext& context,
                 test::TestLoop& loop, std::size_t& bytes) {
  Receipt receipt;
  co_await sink.open(batch.schema_pointer(), context, receipt);
  const Checkpoint checkpoint;
  const auto per_commit = static_cast<std::int64_t>(sink.traits().commit_bytes / batch.bytes());
  for (std::int64_t done = 0; done < kBatches; done += per_commit) {
    const std::int64_t count = std::min(per_commit, kBatches - done);
    TaskGroup writers(loop.executor());
    writers.spawn(write_batches(sink, batch, count / 2, bytes));
    writers.spawn(write_batches(sink, batch, count - count / 2, bytes));
    co_await writers.join();
    receipt = co_await sink.flush(checkpoint);
  }
  const RunSummary summary;
  co_await sink.finish(summary);
}

std::size_t encode_all(const Batch& batch, const ObjectSettings& settings) {
  const RowEncoder encoder(batch.schema_pointer(), settings);
  EncodedRows rows;
  std::size_t bytes = 0;
  for (std::int64_t number = 0; number < kBatches; ++number) {
    encoder.encode(batch, rows);
    bytes += rows.bytes.size();
  }
  return bytes;
}

void run(const std::filesystem::path& folder, std::int64_t round) {
  const Batch batch = make_batch(make_schema());
  ObjectSettings settings;
  settings.key = KeyTemplate::parse("{job}/{run_seq:06}/part-{part:04}.ndjson");
  measure("encode", [&] { return encode_all(batch, settings); });
  test::TestLoop loop;
  FileSink sink(std::make_shared<FileConnection>("disk", folder, loop.runtime()), settings,
                loop.runtime());
  RunContext context = loop.context(round);
  context.full_copy = true;
  measure("sink", [&] {
    std::size_t bytes = 0;
    loop.run(write_all(sink, batch, context, loop, bytes));
    return bytes;
  });
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace rowferry

int main(int count, char** arguments) {
  const std::filesystem::path folder = count > 1 ? arguments[1] : "/dev/shm/rowferry-file-bench";
  const int rounds = count > 2 ? std::atoi(arguments[2]) : 3;
  for (int round = 1; round <= rounds; ++round) {
    rowferry::run(folder, round);
  }
}
