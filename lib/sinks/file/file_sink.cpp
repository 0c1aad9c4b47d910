#include "sinks/file/file_sink.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/blocking.hpp"
#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sinks/file/folder_run.hpp"

namespace rowferry {
namespace {

using Field = KeyTemplate::Field;

constexpr std::size_t kWritesInFlight = 2;
// What a spare buffer may keep after a batch of huge rows.
constexpr std::size_t kSpareBytesMax = 32u << 20;

}  // namespace

FileSink::FileSink(std::shared_ptr<FileConnection> connection, ObjectSettings settings,
                   Runtime runtime)
    : connection_(std::move(connection)),
      settings_(std::move(settings)),
      runtime_(runtime),
      folder_(connection_->folder()),
      turns_(runtime.executor) {}

FileSink::~FileSink() = default;

SinkTraits FileSink::traits() const {
  SinkTraits traits;
  traits.identity = SinkIdentity::run;
  // Without {part} a run has one object, which cannot be sealed twice.
  traits.commit_when = settings_.key.has(Field::part) ? CommitWhen::bytes : CommitWhen::end_of_unit;
  traits.commit_bytes = settings_.object_bytes;
  traits.writes_in_flight = kWritesInFlight;
  traits.takes_removals = settings_.change_columns == ChangeColumns::yes;
  return traits;
}

Task<> FileSink::open(SchemaPointer schema, const RunContext& context, Receipt receipt) {
  if (!context.full_copy && !settings_.key.has(Field::run_seq)) {
    throw Error(Failure::config,
                fmt::format("the key {} of job {} needs {{run_seq}}: each run adds objects",
                            settings_.key.text(), context.job));
  }
  if (serves(context)) {
    const bool same_schema = schema->fingerprint() == schema_->fingerprint();
    context_ = &context;
    if (!same_schema) {
      co_await seal_open_objects();
      take_schema(std::move(schema));
      co_return;
    }
    if (files_.empty() && !progress_.has_uncommitted() && !context.starts_over) {
      co_return;
    }
  }
  abandon();
  take_schema(std::move(schema));
  co_await begin_run(context, receipt);
}

bool FileSink::serves(const RunContext& context) const {
  return run_seq_ != 0 && run_seq_ == context.run_seq && unit_ == context.unit && !failure_;
}

void FileSink::take_schema(SchemaPointer schema) {
  encoder_ = std::make_shared<const RowEncoder>(schema, settings_);
  schema_ = std::move(schema);
  const bool has_part = settings_.key.has(Field::part);
  router_.emplace(ObjectRouter::Limits{has_part ? settings_.object_bytes : 0,
                                       settings_.open_objects, encoder_->header().size()});
}

Task<> FileSink::begin_run(const RunContext& context, const Receipt& receipt) {
  context_ = &context;
  const OpeningRun run{context.run_seq, context.full_copy, context.starts_over, context.started,
                       settings_.key.folder(context.job, schema_->table)};
  const OpenDecision decision = decide_open(decode_receipt(receipt), run);
  progress_ = ObjectProgress(settings_.key, context.job, schema_->table, decision.receipt);
  if (decision.save_first) {
    const Receipt leftovers = progress_.add_intents(decision.leftovers);
    co_await context.save_receipt(leftovers);
  }
  const Manifest blank = blank_manifest();
  auto work = [&] {
    file::FolderRun(folder_, settings_, runtime_.log, run.folder).begin(decision, blank);
  };
  co_await run_blocking(runtime_.workers, std::move(work));
  run_seq_ = context.run_seq;
  unit_ = context.unit;
}

Task<WriteResult> FileSink::write(const Batch& batch) {
  Turnstile::Turn turn(turns_);
  std::unique_ptr<EncodedRows> rows = take_spare();
  const std::shared_ptr<const RowEncoder> encoder = encoder_;
  auto encode = [&] { encoder->encode(batch, *rows); };
  co_await run_blocking(runtime_.workers, std::move(encode));
  co_await turn.wait();
  refuse_after_failure();
  Task<> appending = append(*rows);
  co_await guarded(std::move(appending));
  WriteResult result;
  result.issues = std::move(rows->issues);
  result.bytes = rows->bytes.size();
  rows->bytes.clear_and_trim(kSpareBytesMax);
  spares_.push_back(std::move(rows));
  co_return result;
}

void FileSink::refuse_after_failure() const {
  if (failure_) {
    throw Error(*failure_);
  }
  if (run_seq_ == 0) {
    throw Error(Failure::transient, "the sink was closed while a write waited for its turn");
  }
}

void FileSink::doubt_what_is_written() {
  failure_.emplace(Failure::transient, "a write before this one did not end");
}

// What is half written after a failure is not known here: only a new open goes on from what is
// durable. Writes that come later fail as the first one did.
Task<> FileSink::guarded(Task<> step) {
  doubt_what_is_written();
  try {
    co_await std::move(step);
  } catch (const Error& error) {
    failure_ = error;
    throw;
  }
  failure_.reset();
}

std::unique_ptr<EncodedRows> FileSink::take_spare() {
  if (spares_.empty()) {
    return std::make_unique<EncodedRows>();
  }
  std::unique_ptr<EncodedRows> spare = std::move(spares_.back());
  spares_.pop_back();
  return spare;
}

Task<> FileSink::append(const EncodedRows& rows) {
  const Steps steps = router_->route(rows);
  std::map<std::int64_t, std::string> keys;
  co_await begin_objects(steps, keys);
  auto work = [&] { carry_out(steps, rows, keys); };
  co_await run_blocking(runtime_.workers, std::move(work));
}

// The intents are durable before any of their files exists.
Task<> FileSink::begin_objects(const Steps& steps, std::map<std::int64_t, std::string>& keys) {
  std::vector<std::string> begun;
  auto choose = [&] {
    for (const ObjectStep& step : steps) {
      if (step.kind == ObjectStep::Kind::start) {
        begun.push_back(keys[step.object] = unused_key(step.values));
      }
    }
  };
  co_await run_blocking(runtime_.workers, std::move(choose));
  if (!begun.empty()) {
    const Receipt receipt = progress_.add_intents(begun);
    co_await context_->save_receipt(receipt);
    failpoint("file.object.intent_saved");
  }
}

// Where keys carry the run, a file that exists is not ours: it is left alone and the next part is
// taken.
std::string FileSink::unused_key(const std::vector<std::string>& values) {
  while (true) {
    std::string key = progress_.next_key(values);
    const bool begun = progress_.knows(key);
    if (!begun && (!settings_.key.has(Field::run_seq) || !folder_.exists(key))) {
      return key;
    }
    const std::string path = folder_.path_of(key).string();
    if (!settings_.key.has(Field::part)) {
      throw Error(
          begun ? Failure::internal : Failure::config,
          fmt::format("{} exists already; the key {} needs {{part}}", path, settings_.key.text()));
    }
    runtime_.log.warn(
        "a file that is not ours stands where an object should go; the next part is "
        "taken",
        {{"job", context_->job}, {"file", path}});
  }
}

void FileSink::carry_out(const Steps& steps, const EncodedRows& rows,
                         std::map<std::int64_t, std::string>& keys) {
  for (const ObjectStep& step : steps) {
    switch (step.kind) {
      case ObjectStep::Kind::start:
        files_.try_emplace(step.object, folder_, std::move(keys.at(step.object)),
                           encoder_->header(), encoder_->line_end_bytes());
        break;
      case ObjectStep::Kind::append:
        files_.at(step.object).append(rows, step.first, step.last);
        break;
      case ObjectStep::Kind::seal:
        seal(step.object);
        break;
    }
  }
}

void FileSink::seal(std::int64_t object) {
  const auto place = files_.find(object);
  progress_.seal(place->second.seal(folder_));
  files_.erase(place);
}

Task<> FileSink::seal_open_objects() {
  const Steps steps = router_->seal_all();
  auto work = [&] {
    for (const ObjectStep& step : steps) {
      seal(step.object);
    }
  };
  co_await run_blocking(runtime_.workers, std::move(work));
}

Task<Receipt> FileSink::flush(const Checkpoint& /*checkpoint*/) {
  refuse_after_failure();
  Task<> sealing = seal_open_objects();
  co_await guarded(std::move(sealing));
  Receipt receipt = progress_.commit();
  failpoint("file.object.not_saved");
  co_return receipt;
}

Task<> FileSink::finish(const RunSummary& /*summary*/) {
  if (progress_.committed().finished) {
    co_return;
  }
  Manifest manifest = blank_manifest();
  manifest.objects = progress_.committed().objects;
  const std::string place = settings_.key.folder(context_->job, schema_->table);
  auto work = [&] { file::FolderRun(folder_, settings_, runtime_.log, place).finish(manifest); };
  co_await run_blocking(runtime_.workers, std::move(work));
  if (!manifest.objects.empty()) {
    const Receipt receipt = progress_.finish();
    co_await context_->save_receipt(receipt);
  }
}

Manifest FileSink::blank_manifest() const {
  Manifest manifest;
  manifest.job = context_->job;
  manifest.table = schema_->table;
  manifest.run_seq = context_->run_seq;
  manifest.full = context_->full_copy;
  manifest.started = progress_.committed().started;
  manifest.schema_json = schema_to_json(*schema_, settings_.change_columns);
  manifest.from = context_->window.from;
  manifest.to = context_->window.to;
  manifest.format = to_string(settings_.format);
  return manifest;
}

Task<> FileSink::close() {
  abandon();
  co_return;
}

void FileSink::abandon() {
  files_.clear();
  progress_ = {};
  context_ = nullptr;
  run_seq_ = 0;
  failure_.reset();
}

Task<std::int64_t> FileSink::last_run_seq(std::string job, std::string table) {
  const std::string place = settings_.key.folder(job, table);
  auto work = [&] {
    return settings_.manifest
               ? file::FolderRun(folder_, settings_, runtime_.log, place).last_run_seq(job)
               : 0;
  };
  co_return co_await run_blocking(runtime_.workers, std::move(work));
}

}  // namespace rowferry
