#include "sinks/elasticsearch/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/blocking.hpp"
#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "connections/elasticsearch/server_error.hpp"
#include "http/status.hpp"
#include "sinks/elasticsearch/index.hpp"
#include "sinks/elasticsearch/response.hpp"

namespace rowferry {

using elasticsearch::BulkBody;
using elasticsearch::BulkEncoder;
using elasticsearch::Compression;
using elasticsearch::IndexFacts;
using elasticsearch::RowText;
using std::chrono::milliseconds;

namespace {

constexpr std::chrono::seconds kLookAgainAfter{10};
constexpr milliseconds kGcDeletesAdvised{600'000};
constexpr std::size_t kReplyBytesMin = 1u << 20;
constexpr std::size_t kReplyBytesOfRow = 1024;
constexpr int kSuspicionsMax = 3;

/// The request's path and query. Replies are cut to what is needed to sort the items out. The
/// server gives up waiting for a shard before we give up waiting for the server.
std::string bulk_target(const elasticsearch::SinkSettings& settings, milliseconds request_timeout) {
  std::string target = fmt::format(
      "/{}/_bulk?timeout={}ms&filter_path=error,status,errors,items.*.status,items.*.error.type,"
      "items.*.error.reason,items.*.error.caused_by",
      http::percent_encode(settings.index), request_timeout.count() * 2 / 3);
  if (!settings.pipeline.empty()) {
    target += "&pipeline=" + http::percent_encode(settings.pipeline);
  }
  return settings.refresh ? target + "&refresh=true" : target;
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

ElasticsearchSink::ElasticsearchSink(std::shared_ptr<ElasticsearchConnection> connection,
                                     elasticsearch::SinkSettings settings, const Runtime& runtime)
    : connection_(std::move(connection)),
      settings_(std::move(settings)),
      runtime_(runtime),
      bulk_target_(bulk_target(settings_, connection_->settings().request_timeout)) {}

ElasticsearchSink::~ElasticsearchSink() = default;

SinkTraits ElasticsearchSink::traits() const {
  SinkTraits traits;
  traits.identity = SinkIdentity::row;
  traits.commit_when = CommitWhen::any_write;
  traits.writes_in_flight = settings_.concurrency;
  return traits;
}

Task<> ElasticsearchSink::open(SchemaPointer schema, const RunContext& context, Receipt receipt) {
  encoder_ = encoder_for(schema);
  if (!std::exchange(warned_, true)) {
    warn_of(*encoder_);
  }
  co_await prepare(context.run_seq);
  refuse_other_index(receipt);
}

/// An index that was deleted and made anew holds nothing of what the checkpoint says.
void ElasticsearchSink::refuse_other_index(const Receipt& receipt) const {
  const std::vector<std::string> known = elasticsearch::index_uuids_of(receipt);
  const auto is_there = [this](const std::string& uuid) {
    return std::find(index_.uuids.begin(), index_.uuids.end(), uuid) != index_.uuids.end();
  };
  if (!known.empty() && std::none_of(known.begin(), known.end(), is_there)) {
    throw Error(Failure::stale,
                fmt::format("index {} is not the one that was written before (it was deleted, or "
                            "made anew): all rows are copied again. Where the server makes missing "
                            "indices by itself, look whether it has the mappings that you want",
                            settings_.index))
        .with_reason(std::string(kTargetLost));
  }
}

Task<> ElasticsearchSink::prepare(std::int64_t run_seq) {
  const SteadyTime now = runtime_.clock.steady_now();
  if (prepared_for_ && (*prepared_for_ == run_seq || now - prepared_at_ < kLookAgainAfter)) {
    co_return;
  }
  const bool is_first = !prepared_for_;
  auto index = co_await elasticsearch::prepare_index(*connection_, settings_, runtime_);
  index_ = std::move(index);
  prepared_for_ = run_seq;
  prepared_at_ = now;
  if (is_first) {
    warn_of(index_);
  }
}

ElasticsearchSink::EncoderPointer ElasticsearchSink::encoder_for(const SchemaPointer& schema) {
  if (encoder_ && (encoder_->schema() == schema ||
                   encoder_->schema()->fingerprint() == schema->fingerprint())) {
    return encoder_;
  }
  return std::make_shared<const BulkEncoder>(schema, settings_);
}

void ElasticsearchSink::warn_of(const BulkEncoder& encoder) {
  const Schema& schema = *encoder.schema();
  const auto names = encoder.id().columns_beyond_identity(schema);
  if (!names.empty()) {
    runtime_.log.warn(
        "id names columns beyond the key: a row in which they change leaves its old "
        "document behind, and removals cannot name theirs",
        {{"index", settings_.index}, {"columns", joined(names)}});
  }
  if (!encoder.id().covers_identity(schema)) {
    runtime_.log.warn(
        "id does not name all key columns: rows with the same id overwrite one another",
        {{"index", settings_.index}});
  }
  if (!encoder.routing()) {
    return;
  }
  const auto routed_by = encoder.routing()->columns_beyond_identity(schema);
  if (!routed_by.empty()) {
    runtime_.log.warn(
        "routing names columns beyond the key: a row in which they change leaves its "
        "old document behind, and removals cannot find theirs",
        {{"index", settings_.index}, {"columns", joined(routed_by)}});
  }
}

void ElasticsearchSink::warn_of(const IndexFacts& facts) {
  if (facts.gc_deletes < kGcDeletesAdvised) {
    runtime_.log.warn(
        "the index soon forgets removals: batches are read again that waited longer than half of "
        "index.gc_deletes; set it to 1h",
        {{"index", settings_.index}, {"gc_deletes_ms", facts.gc_deletes.count()}});
  }
  if (facts.is_translog_async) {
    runtime_.log.warn(
        "index.translog.durability is async: a crash of the search server may lose rows that it "
        "acknowledged",
        {{"index", settings_.index}});
  }
}

void ElasticsearchSink::check_age(const Batch& batch) const {
  const auto age = runtime_.clock.steady_now() - batch.read_at;
  if (age > index_.gc_deletes / 2) {
    throw Error(
        Failure::stale,
        fmt::format("a batch for index {} was read {} s ago, more than half of its "
                    "index.gc_deletes: a removal may be forgotten by now",
                    settings_.index, std::chrono::duration_cast<std::chrono::seconds>(age).count()))
        .with_reason("too_old");
  }
}

Task<WriteResult> ElasticsearchSink::write(const Batch& batch) {
  const EncoderPointer encoder = encoder_for(batch.schema_pointer());
  BodyPointer body;
  if (free_bodies_.empty()) {
    body = std::make_unique<BulkBody>(settings_.compression);
  } else {
    body = std::move(free_bodies_.back());
    free_bodies_.pop_back();
  }
  WriteResult result = co_await write_with(*encoder, batch, *body);
  body->trim();
  free_bodies_.push_back(std::move(body));
  co_return result;
}

Task<WriteResult> ElasticsearchSink::write_with(const BulkEncoder& encoder, const Batch& batch,
                                                BulkBody& body) {
  WriteResult result;
  std::size_t next_row = 0;
  const auto fill = [&] {
    return body.fill(encoder, batch, next_row, elasticsearch::kRequestBytesMax);
  };
  while (next_row < batch.rows()) {
    next_row = co_await run_blocking(runtime_.workers, fill);
    result.issues.insert(result.issues.end(), body.issues().begin(), body.issues().end());
    if (body.rows().empty()) {
      continue;
    }
    check_age(batch);
    failpoint("elasticsearch.bulk.before_send");
    const http::Response response = co_await send(body, batch);
    failpoint("elasticsearch.bulk.reply_lost");
    if (!http::is_success(response.status)) {
      throw elasticsearch::refusal(fmt::format("writing to index {}", settings_.index), response,
                                   runtime_.clock.wall_now());
    }
    const auto sort_out = [&] {
      return elasticsearch::sort_out_reply(response.body, batch, body.rows());
    };
    const auto issues = co_await run_blocking(runtime_.workers, sort_out);
    result.issues.insert(result.issues.end(), issues.begin(), issues.end());
    result.bytes += body.bytes().size();
    failpoint("elasticsearch.bulk.not_saved");
  }
  co_return result;
}

Task<http::Response> ElasticsearchSink::send(const BulkBody& body, const Batch& batch) {
  try {
    http::Response response = co_await connection_->request(request_for(body));
    suspicions_ = 0;
    co_return response;
  } catch (const Error& error) {
    if (error.reason() == "closed_while_sending") {
      throw cut_short(error, body, batch);
    }
    throw;
  }
}

http::Request ElasticsearchSink::request_for(const BulkBody& body) const {
  http::Request request;
  request.method = http::Method::post;
  request.target = bulk_target_;
  request.headers.push_back({"Content-Type", "application/x-ndjson"});
  if (body.compression() == Compression::gzip) {
    request.headers.push_back({"Content-Encoding", "gzip"});
  }
  request.body = body.bytes().view();
  request.timeout = connection_->settings().request_timeout;
  request.reply_bytes_max = kReplyBytesMin + kReplyBytesOfRow * body.rows().size();
  request.repeatable = http::Repeatable::yes;
  return request;
}

/// A server that finds a body too large may answer by a reset alone; so does one that dies. Several
/// rows: halves will tell, for nobody answers them if it died. A row that stands alone would be
/// refused for good, so it takes three resets in a row to say so.
Error ElasticsearchSink::cut_short(const Error& error, const BulkBody& body, const Batch& batch) {
  if (body.rows().size() == 1) {
    Buffer id;
    static_cast<void>(
        encoder_for(batch.schema_pointer())->id().append(batch, body.rows().front(), id));
    suspicions_ = suspect_ == id.view() ? suspicions_ + 1 : 1;
    suspect_ = id.view();
    if (suspicions_ < kSuspicionsMax) {
      return error;
    }
  }
  return Error(Failure::too_large, fmt::format("{} while {} bytes were sent: too large for it?",
                                               error.what(), body.bytes().size()))
      .with_reason("too_large");
}

/// A server may make a deleted index anew for a write (action.auto_create_index): what was written
/// before is not there, although every write was acknowledged.
Task<Receipt> ElasticsearchSink::flush(const Checkpoint& /*checkpoint*/) {
  Receipt receipt = elasticsearch::receipt_of(index_);
  const auto now = co_await elasticsearch::look_at_index(*connection_, settings_, runtime_);
  index_.uuids = now ? now->uuids : std::vector<std::string>{};
  refuse_other_index(receipt);
  co_return receipt;
}

Task<> ElasticsearchSink::finish(const RunSummary& /*summary*/) { co_return; }

Task<> ElasticsearchSink::close() {
  prepared_for_.reset();
  free_bodies_.clear();
  co_return;
}

}  // namespace rowferry
