#include "tests/support/fake_object_sink.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/error.hpp"

namespace rowferry::test {
namespace {

namespace json = boost::json;

json::array to_json(const std::vector<std::string>& keys) {
  json::array array;
  for (const std::string& key : keys) {
    array.emplace_back(key);
  }
  return array;
}

std::vector<std::string> to_keys(const json::value& array) {
  std::vector<std::string> keys;
  for (const json::value& key : array.as_array()) {
    keys.emplace_back(key.as_string());
  }
  return keys;
}

}  // namespace

TestContent ObjectTarget::content() const {
  TestContent content;
  for (const auto& [run_seq, manifest] : manifests) {
    if (manifest.full_copy) {
      content.clear();
    }
    for (const std::string& key : manifest.objects) {
      apply_rows(content, objects.at(key));
    }
  }
  return content;
}

SinkTraits FakeObjectSink::traits() const {
  return {.identity = SinkIdentity::run,
          .commit_when = CommitWhen::bytes,
          .commit_bytes = 64u << 10,
          .commit_batches = 1,
          .writes_in_flight = 1,
          .takes_removals = true};
}

Task<> FakeObjectSink::open(SchemaPointer /*schema*/, const RunContext& context, Receipt receipt) {
  ++target_->opens;
  co_await target_->reach("open");
  context_ = &context;
  if (run_seq_ == context.run_seq) {
    co_return;
  }
  run_seq_ = context.run_seq;
  next_part_ = 1;
  done_.clear();
  intents_.clear();
  take_up(receipt);
  for (const std::string& key : intents_) {
    target_->objects.erase(key);
  }
  intents_.clear();
  if (context.starts_over) {
    for (const std::string& key : done_) {
      target_->objects.erase(key);
    }
    done_.clear();
  }
}

void FakeObjectSink::take_up(const Receipt& receipt) {
  if (receipt.empty()) {
    return;
  }
  const json::value note = json::parse(receipt.json);
  intents_ = to_keys(note.at("intents"));
  const auto run_seq = note.at("run_seq").to_number<std::int64_t>();
  std::vector<std::string> objects = to_keys(note.at("objects"));
  if (run_seq == run_seq_) {
    next_part_ = note.at("next_part").to_number<std::int64_t>();
    done_ = std::move(objects);
  } else if (!objects.empty() && !context_->full_copy && !target_->manifests.contains(run_seq)) {
    // It committed, but never came to its end: its rows are behind the checkpoint.
    target_->manifests[run_seq] = {false, std::move(objects)};
  }
}

Task<WriteResult> FakeObjectSink::write(const Batch& batch) {
  const WriteUnderWay under_way(*target_);
  co_await target_->reach("write");
  if (pending_.empty() && intents_.empty()) {
    intents_.push_back(fmt::format("run-{:06}/part-{:04}", run_seq_, next_part_++));
    const Receipt intent = receipt();
    co_await context_->save_receipt(intent);
  }
  WriteResult result;
  result.issues = target_->sort_out(batch, pending_);
  result.bytes = batch.bytes();
  co_await target_->reach("written");
  co_return result;
}

Task<Receipt> FakeObjectSink::flush(const Checkpoint& /*checkpoint*/) {
  ++target_->flushes;
  co_await target_->reach("flush");
  if (!pending_.empty()) {
    target_->objects[intents_.front()] = std::move(pending_);
    pending_.clear();
    done_.push_back(intents_.front());
  }
  intents_.clear();
  co_await target_->reach("flushed");
  co_return receipt();
}

Task<> FakeObjectSink::finish(const RunSummary& /*summary*/) {
  ++target_->finishes;
  co_await target_->reach("finish");
  for (const std::string& key : done_) {
    if (!target_->objects.contains(key)) {
      throw Error(Failure::internal, fmt::format("object {} is missing", key));
    }
  }
  if (!done_.empty() || context_->full_copy) {
    target_->manifests[run_seq_] = {context_->full_copy, done_};
  }
  co_await target_->reach("finished");
}

Task<> FakeObjectSink::close() {
  pending_.clear();
  run_seq_ = 0;
  context_ = nullptr;
  co_return;
}

Task<std::int64_t> FakeObjectSink::last_run_seq(std::string /*job*/, std::string /*table*/) {
  co_return target_->manifests.empty() ? 0 : target_->manifests.rbegin()->first;
}

Receipt FakeObjectSink::receipt() const {
  return {json::serialize(json::object{{"run_seq", run_seq_},
                                       {"next_part", next_part_},
                                       {"objects", to_json(done_)},
                                       {"intents", to_json(intents_)}})};
}

}  // namespace rowferry::test
