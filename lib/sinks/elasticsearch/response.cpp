#include "sinks/elasticsearch/response.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "http/status.hpp"

namespace rowferry::elasticsearch {
namespace {

namespace json = boost::json;

constexpr std::size_t kArenaBytes = 256u << 10;
// Errors have causes that have causes.
constexpr std::size_t kDepthMax = 256;

[[noreturn]] void throw_senseless(std::string_view what) {
  throw Error(Failure::transient, fmt::format("the reply to _bulk makes no sense: {}", what))
      .with_reason("protocol");
}

json::value parse(std::string_view body, json::storage_ptr storage) {
  boost::system::error_code code;
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::value reply = json::parse({body.data(), body.size()}, code, std::move(storage), options);
  if (code) {
    throw_senseless(fmt::format("it is no JSON, or cut off ({} bytes)", body.size()));
  }
  return reply;
}

const json::array& items_of(const json::value& reply, std::size_t expected) {
  const json::object* object = reply.if_object();
  const json::value* items = object == nullptr ? nullptr : object->if_contains("items");
  if (items == nullptr || !items->is_array()) {
    throw_senseless("it has no items");
  }
  if (items->get_array().size() != expected) {
    throw_senseless(fmt::format("{} items for {} rows", items->get_array().size(), expected));
  }
  return items->get_array();
}

/// The one member of an item, which must be the action that was sent.
const json::object& outcome_of(const json::value& item, Operation operation) {
  const json::object* object = item.if_object();
  if (object == nullptr || object->size() != 1 || !object->begin()->value().is_object()) {
    throw_senseless("an item is no object of one action");
  }
  if (object->begin()->key() != (operation == Operation::remove ? "delete" : "index")) {
    throw_senseless("an item answers another action than was sent");
  }
  return object->begin()->value().get_object();
}

unsigned status_of(const json::object& outcome) {
  const json::value* status = outcome.if_contains("status");
  const std::int64_t* number = status == nullptr ? nullptr : status->if_int64();
  if (number == nullptr || *number < 100 || *number > 599) {
    throw_senseless("an item has no status");
  }
  return static_cast<unsigned>(*number);
}

ServerError error_of(const json::object& outcome) {
  const json::value* error = outcome.if_contains("error");
  return error == nullptr ? ServerError{} : read_error(*error);
}

std::string reason_text(unsigned status, const ServerError& error) {
  return error.text.empty() ? fmt::format("status {} without a reason", status) : error.text;
}

[[noreturn]] void throw_beyond_rows(unsigned status, const ServerError& error) {
  const std::string_view known = reason_beyond_rows(error.type);
  const std::string reason = known.empty() ? http::reason_of(status) : std::string(known);
  const std::string_view who = reason == "auth" ? "the server refuses us" : "the server refuses";
  throw Error(Failure::transient, fmt::format("{} ({}): {}", who, status, error.text))
      .with_reason(reason);
}

bool is_none(const ServerError& error) { return error.type.empty() && error.text.empty(); }

bool names_missing_pipeline(const ServerError& error) {
  return error.type == "illegal_argument_exception" &&
         error.text.find("pipeline with id [") != std::string::npos &&
         error.text.find("] does not exist") != std::string::npos;
}

}  // namespace

Verdict judge(Operation operation, unsigned status, const ServerError& error) {
  if (http::is_success(status)) {
    return is_none(error) ? Verdict::taken : Verdict::retry;
  }
  if (status == 409) {
    return error.type == "version_conflict_engine_exception" ? Verdict::taken : Verdict::retry;
  }
  if (status == 404 && operation == Operation::remove && is_none(error)) {
    return Verdict::taken;
  }
  // A full disk, or one node that is down: other rows may pass.
  if (status == 429 || status >= 500 || error.type == "cluster_block_exception") {
    return Verdict::retry;
  }
  const bool refused_us = status == 401 || (status == 403 && error.type.empty());
  if (refused_us || !reason_beyond_rows(error.type).empty() || names_missing_pipeline(error)) {
    return Verdict::beyond;
  }
  return status >= 400 ? Verdict::reject : Verdict::retry;
}

std::vector<RowIssue> sort_out_reply(std::string_view body, const Batch& batch,
                                     std::span<const std::size_t> rows) {
  json::monotonic_resource arena(kArenaBytes);
  const json::value reply = parse(body, &arena);
  const json::array& items = items_of(reply, rows.size());
  std::vector<RowIssue> issues;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const Operation operation = batch.operation(rows[index]);
    const json::object& outcome = outcome_of(items[index], operation);
    const unsigned status = status_of(outcome);
    const ServerError error = error_of(outcome);
    const Verdict verdict = judge(operation, status, error);
    if (verdict == Verdict::beyond) {
      throw_beyond_rows(status, error);
    }
    if (verdict != Verdict::taken) {
      issues.push_back({rows[index], verdict == Verdict::retry, {}, reason_text(status, error)});
    }
  }
  return issues;
}

}  // namespace rowferry::elasticsearch
