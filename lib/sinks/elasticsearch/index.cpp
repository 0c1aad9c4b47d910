#include "sinks/elasticsearch/index.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/error.hpp"
#include "connections/elasticsearch/server_error.hpp"
#include "http/status.hpp"

namespace rowferry::elasticsearch {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSettingsBytesMax = 4u << 20;
// Half of it is what a batch may be old; below this there would be no time to write.
constexpr milliseconds kGcDeletesMin{10'000};

/// What every request of this file needs.
struct Place {
  ElasticsearchConnection& connection;
  const SinkSettings& settings;
  const Runtime& runtime;
};

Error wrong(const SinkSettings& settings, std::string_view what) {
  return Error(Failure::config, fmt::format("index {} {}", settings.index, what))
      .with_reason("index");
}

Error refused(const Place& place, std::string_view doing, const http::Response& response) {
  return refusal(fmt::format("{} index {}", doing, place.settings.index), response,
                 place.runtime.clock.wall_now());
}

Task<http::Response> get(const Place& place, std::string target) {
  http::Request request;
  request.target = std::move(target);
  request.repeatable = http::Repeatable::yes;
  request.timeout = place.connection.settings().request_timeout;
  request.reply_bytes_max = kSettingsBytesMax;
  return place.connection.request(std::move(request));
}

/// Nothing when there is no such index.
Task<std::optional<IndexFacts>> look(Place place) {
  std::string target =
      fmt::format("/{}/_settings?flat_settings=true", http::percent_encode(place.settings.index));
  const http::Response response = co_await get(place, std::move(target));
  if (response.status == 404 &&
      read_error_body(response.body).type == "index_not_found_exception") {
    co_return std::nullopt;
  }
  if (!http::is_success(response.status)) {
    throw refused(place, "looking at", response);
  }
  auto facts = read_index_facts(response.body);
  if (!facts) {
    throw Error(Failure::transient,
                fmt::format("looking at index {}: the answer makes no sense: {}",
                            place.settings.index, read_error_body(response.body).text))
        .with_reason("protocol");
  }
  co_return facts;
}

/// Creates the index; that it exists by now is fine.
Task<> create(Place place) {
  const std::string body = creation_body(place.settings.index_config);
  http::Request request;
  request.method = http::Method::put;
  request.target = "/" + http::percent_encode(place.settings.index);
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = body;
  request.repeatable = http::Repeatable::yes;
  request.timeout = place.connection.settings().request_timeout;
  const http::Response response = co_await place.connection.request(std::move(request));
  if (http::is_success(response.status)) {
    place.runtime.log.info("index created", {{"connection", place.connection.name()},
                                             {"index", place.settings.index}});
    co_return;
  }
  const ServerError error = read_error_body(response.body);
  if (error.type == "resource_already_exists_exception") {
    co_return;
  }
  Error refusal = refused(place, "creating", response);
  if (refusal.failure() == Failure::rejected) {
    throw Error(Failure::config, refusal.what()).with_reason("index");
  }
  throw std::move(refusal);
}

/// A name that is not the index's own is an alias, or a data stream.
Task<> check_alias(Place place) {
  std::string target = "/_alias/" + http::percent_encode(place.settings.index);
  const http::Response response = co_await get(place, std::move(target));
  if (response.status == 404) {
    throw wrong(place.settings,
                "is a data stream: those take new documents only, no changes; name an index");
  }
  if (!http::is_success(response.status)) {
    throw refused(place, "looking at", response);
  }
  if (!write_index_of_alias(response.body, place.settings.index)) {
    throw wrong(place.settings,
                "is an alias of several indices, none of which takes its writes: set "
                "is_write_index on one, or name an index");
  }
}

/// Without its pipeline every row would be refused, one by one. Not allowed to look: go on.
Task<> check_pipeline(Place place) {
  std::string target = "/_ingest/pipeline/" + http::percent_encode(place.settings.pipeline);
  const http::Response response = co_await get(place, std::move(target));
  if (response.status == 404) {
    throw Error(Failure::config, fmt::format("pipeline {} does not exist on {}: create it first",
                                             place.settings.pipeline, place.connection.name()))
        .with_reason("pipeline_missing");
  }
}

}  // namespace

Task<std::optional<IndexFacts>> look_at_index(ElasticsearchConnection& connection,
                                              const SinkSettings& settings,
                                              const Runtime& runtime) {
  const Place place{connection, settings, runtime};
  auto facts = co_await look(place);
  co_return facts;
}

Task<IndexFacts> prepare_index(ElasticsearchConnection& connection, const SinkSettings& settings,
                               const Runtime& runtime) {
  const Place place{connection, settings, runtime};
  if (!settings.pipeline.empty()) {
    co_await check_pipeline(place);
  }
  auto facts = co_await look(place);
  if (!facts && !settings.create) {
    throw wrong(settings, fmt::format("does not exist on {}, and create is false: create it, or "
                                      "set create: true",
                                      connection.name()));
  }
  if (!facts) {
    co_await create(place);
    facts = co_await look(place);
  }
  if (!facts) {
    throw Error(Failure::transient,
                fmt::format("index {} was created and is not there", settings.index))
        .with_reason("index_missing");
  }
  if (facts->names.size() != 1 || facts->names.front() != settings.index) {
    co_await check_alias(place);
  }
  if (facts->gc_deletes < kGcDeletesMin) {
    throw wrong(settings,
                fmt::format("remembers removals for {} ms only (index.gc_deletes): a late "
                            "write could bring a removed row back; set it to {}",
                            facts->gc_deletes.count(), kGcDeletesOfOurs));
  }
  co_return std::move(*facts);
}

}  // namespace rowferry::elasticsearch
