#include "sinks/elasticsearch/index_examination.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "connections/elasticsearch/cluster_examination.hpp"
#include "connections/elasticsearch/server_error.hpp"
#include "http/status.hpp"
#include "sinks/elasticsearch/bulk_body.hpp"
#include "sinks/elasticsearch/encoder.hpp"
#include "sinks/elasticsearch/sink.hpp"

namespace rowferry::elasticsearch {
namespace {

constexpr std::size_t kReplyBytesMax = 16u << 20;
// Of a reply to a bulk request, see sink.cpp.
constexpr std::size_t kBulkReplyBytesMin = 1u << 20;
constexpr std::size_t kBulkReplyBytesOfRow = 1024;
// An id, a routing and what stands around them, without escapes.
constexpr std::size_t kActionBytes = 2 * kIdBytesMax + 128;

// What lies behind what lies behind it.
std::string innermost_cause(const std::string& text) {
  constexpr std::string_view kCaused = ", caused by ";
  const std::size_t last = text.rfind(kCaused);
  return last == std::string::npos ? text : text.substr(last + kCaused.size());
}

}  // namespace

IndexExamination::IndexExamination(ElasticsearchConnection& connection,
                                   const SinkSettings& settings, const Runtime& runtime,
                                   SinkExaminationRequest request)
    : connection_(connection),
      settings_(settings),
      runtime_(runtime),
      request_(std::move(request)) {}

void IndexExamination::note_all(std::vector<Finding> findings) {
  for (Finding& finding : findings) {
    note(std::move(finding));
  }
}

void IndexExamination::note_refusal(std::string attempted, const http::Response& response) {
  note(finding_of_failure(refusal(attempted, response, runtime_.clock.wall_now())));
}

Task<http::Response> IndexExamination::get(std::string target) {
  http::Request request;
  request.target = std::move(target);
  request.repeatable = http::Repeatable::yes;
  request.reply_bytes_max = kReplyBytesMax;
  return connection_.request(std::move(request));
}

Task<http::Response> IndexExamination::post(std::string target, std::string body) {
  http::Request request;
  request.method = http::Method::post;
  request.target = std::move(target);
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = body;
  request.repeatable = http::Repeatable::yes;
  request.reply_bytes_max = kReplyBytesMax;
  http::Response response = co_await connection_.request(std::move(request));
  co_return response;
}

Task<SinkExamination> IndexExamination::run() {
  try {
    co_await look_at_index();
    if (!settings_.pipeline.empty()) {
      co_await look_at_pipeline();
    }
    co_await ask_for_privileges();
  } catch (const Error& error) {
    note(finding_of_failure(error));
  }
  if (request_.schema != nullptr) {
    judge_schema();
  }
  co_return std::move(result_);
}

Task<> IndexExamination::look_at_index() {
  std::string target =
      fmt::format("/{}/_settings?flat_settings=true", http::percent_encode(settings_.index));
  const http::Response response = co_await get(std::move(target));
  const bool is_missing =
      response.status == 404 && read_error_body(response.body).type == "index_not_found_exception";
  const auto facts = read_index_facts(response.body);
  if (is_missing && settings_.create) {
    co_await simulate_creation();
  } else if (is_missing) {
    note({Severity::wrong,
          fmt::format("index {} does not exist, and create is false", settings_.index),
          fmt::format("PUT /{}, or set sink.create: true", settings_.index)});
  } else if (!http::is_success(response.status) || !facts) {
    note_refusal(fmt::format("looking at index {}", settings_.index), response);
  } else {
    co_await look_at_alias(*facts);
    note_all(judge_index(settings_, *facts, read_index_state(response.body)));
    co_await look_at_fields();
  }
}

// A name that is not the index's own is an alias, or a data stream.
Task<> IndexExamination::look_at_alias(const IndexFacts& facts) {
  if (facts.names.size() == 1 && facts.names.front() == settings_.index) {
    note({Severity::ok, fmt::format("index {} exists", settings_.index), ""});
    co_return;
  }
  std::string target = "/_alias/" + http::percent_encode(settings_.index);
  const http::Response response = co_await get(std::move(target));
  const auto written = write_index_of_alias(response.body, settings_.index);
  if (response.status == 404) {
    note({Severity::wrong,
          fmt::format("{} is a data stream: those take new documents only, no changes",
                      settings_.index),
          "name an index in sink.index"});
  } else if (!http::is_success(response.status)) {
    note_refusal(fmt::format("looking at alias {}", settings_.index), response);
  } else if (!written) {
    note({Severity::wrong,
          fmt::format("{} is an alias of several indices ({}), none of which takes its writes",
                      settings_.index, fmt::join(facts.names, ", ")),
          fmt::format(R"(POST /_aliases {{"actions": [{{"add": {{"index": "{}", "alias": "{}", )"
                      R"("is_write_index": true}}}}]}})",
                      facts.names.front(), settings_.index)});
  } else {
    note({Severity::ok, fmt::format("alias {} writes to index {}", settings_.index, *written), ""});
  }
}

Task<> IndexExamination::look_at_fields() {
  std::string target = fmt::format("/{}/_mapping", http::percent_encode(settings_.index));
  const http::Response response = co_await get(std::move(target));
  if (http::is_success(response.status)) {
    fields_ = read_index_fields(response.body);
  }
}

Task<> IndexExamination::look_at_pipeline() {
  std::string target = "/_ingest/pipeline/" + http::percent_encode(settings_.pipeline);
  const http::Response response = co_await get(std::move(target));
  if (response.status == 404) {
    note({Severity::wrong, fmt::format("pipeline {} does not exist", settings_.pipeline),
          fmt::format("PUT /_ingest/pipeline/{} {{\"processors\": [...]}}", settings_.pipeline)});
  }
}

// Servers that cannot try it out, or do not let us, say nothing of it.
Task<> IndexExamination::simulate_creation() {
  std::string body = simulation_body(settings_);
  const http::Response response = co_await post("/_index_template/_simulate", std::move(body));
  if (response.status == 400) {
    note({Severity::wrong,
          fmt::format("index {} cannot be created: {}", settings_.index,
                      innermost_cause(read_error_body(response.body).text)),
          "correct the file that sink.index_config names"});
    co_return;
  }
  note({Severity::ok, fmt::format("index {} will be created", settings_.index), ""});
  const auto templates = templates_in(response.body);
  if (!templates.empty()) {
    note({Severity::ok,
          fmt::format("templates that index {} will follow, too: {}", settings_.index,
                      fmt::join(templates, ", ")),
          ""});
  }
  result_.creations.push_back(
      {fmt::format("index {}", settings_.index), creation_body(settings_.index_config)});
}

Task<> IndexExamination::ask_for_privileges() {
  std::string body = privileges_body(settings_);
  const http::Response response = co_await post("/_security/user/_has_privileges", std::move(body));
  const auto judged = http::is_success(response.status) ? judge_privileges(settings_, response.body)
                                                        : std::optional<Finding>();
  if (judged) {
    note(*judged);
  }
}

void IndexExamination::judge_schema() {
  try {
    const BulkEncoder encoder(request_.schema, settings_);
    note_all(judge_templates(encoder));
  } catch (const Error& error) {
    note({Severity::wrong, error.what(), "correct sink.id, sink.routing or source.key"});
    return;
  }
  note_all(judge_fields(settings_, fields_, *request_.schema));
  if (request_.depth == Depth::plan) {
    describe_columns();
    encode_samples();
    add_buffers();
  }
}

void IndexExamination::describe_columns() {
  for (const Column& column : request_.schema->columns) {
    const auto field = fields_.types.find(column.name);
    std::string form = column.identity_only ? "" : json_form(column.type);
    if (!form.empty() && field != fields_.types.end()) {
      form += fmt::format(" into {}", field->second);
    }
    result_.forms.push_back(std::move(form));
  }
}

void IndexExamination::encode_samples() {
  if (request_.samples == nullptr) {
    return;
  }
  const BulkEncoder encoder(request_.schema, settings_);
  BulkEncoder::Scratch scratch;
  for (std::size_t row = 0; row < request_.samples->rows(); ++row) {
    Buffer lines;
    const auto fault = encoder.append_row(*request_.samples, row, scratch, lines);
    result_.samples.push_back(fault ? "a reject: " + *fault : std::string(lines.view()));
  }
}

void IndexExamination::add_buffers() {
  const std::size_t count = settings_.concurrency;
  const std::size_t body =
      std::min(kRequestBytesMax, json_bytes_bound(request_.limits, *request_.schema, kActionBytes));
  const std::size_t reply = kBulkReplyBytesMin + kBulkReplyBytesOfRow * request_.limits.rows_max;
  result_.buffers.push_back({fmt::format("sending: {} requests", count), count * body});
  result_.buffers.push_back({fmt::format("sending: {} replies", count), count * reply});
}

}  // namespace rowferry::elasticsearch

namespace rowferry {

Task<SinkExamination> ElasticsearchSink::examine(SinkExaminationRequest request) {
  elasticsearch::IndexExamination examination(*connection_, settings_, runtime_,
                                              std::move(request));
  co_return co_await examination.run();
}

}  // namespace rowferry
