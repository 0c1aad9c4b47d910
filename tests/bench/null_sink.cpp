#include "tests/bench/null_sink.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "base/blocking.hpp"
#include "sinks/elasticsearch/bulk_body.hpp"
#include "sinks/elasticsearch/config.hpp"

namespace rowferry::bench {
namespace {

using elasticsearch::BulkBody;
using elasticsearch::BulkEncoder;

class NullConnection : public Connection {
 public:
  explicit NullConnection(std::string name) : Connection(std::move(name)) {}
  Task<> probe() override { co_return; }
  Task<> close() override { co_return; }
};

class NullSink : public Sink {
 public:
  NullSink(elasticsearch::SinkSettings settings, const Runtime& runtime)
      : settings_(std::move(settings)), runtime_(runtime) {}

  [[nodiscard]] SinkTraits traits() const override {
    SinkTraits traits;
    traits.writes_in_flight = settings_.concurrency;
    return traits;
  }

  Task<> open(SchemaPointer schema, const RunContext& /*context*/, Receipt /*receipt*/) override {
    encoder_ = std::make_unique<BulkEncoder>(std::move(schema), settings_);
    co_return;
  }

  Task<WriteResult> write(const Batch& batch) override {
    std::unique_ptr<BulkBody> body;
    if (free_.empty()) {
      body = std::make_unique<BulkBody>(settings_.compression);
    } else {
      body = std::move(free_.back());
      free_.pop_back();
    }
    WriteResult result;
    std::size_t row = 0;
    const auto fill = [&] {
      return body->fill(*encoder_, batch, row, elasticsearch::kRequestBytesMax);
    };
    while (row < batch.rows()) {
      row = co_await run_blocking(runtime_.workers, fill);
      result.bytes += body->bytes().size();
      result.issues.insert(result.issues.end(), body->issues().begin(), body->issues().end());
    }
    free_.push_back(std::move(body));
    co_return result;
  }

  Task<Receipt> flush(const Checkpoint& /*checkpoint*/) override { co_return Receipt{}; }
  Task<> finish(const RunSummary& /*summary*/) override { co_return; }
  Task<> close() override { co_return; }

 private:
  elasticsearch::SinkSettings settings_;
  const Runtime& runtime_;
  std::unique_ptr<BulkEncoder> encoder_;
  std::vector<std::unique_ptr<BulkBody>> free_;
};

}  // namespace

MakeConnection parse_null_connection(const std::string& name, const config::Node& /*node*/) {
  return [name](const Runtime&) -> std::shared_ptr<Connection> {
    return std::make_shared<NullConnection>(name);
  };
}

config::ParsedSink parse_null_sink(const JobSettings& /*job*/, const config::Node& sink) {
  const auto settings = elasticsearch::parse_sink_settings(sink);
  config::ParsedSink parsed;
  parsed.target = settings.index;
  parsed.make = [settings](const auto&, const Runtime& runtime) -> std::unique_ptr<Sink> {
    return std::make_unique<NullSink>(settings, runtime);
  };
  return parsed;
}

}  // namespace rowferry::bench
