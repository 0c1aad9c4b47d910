#include "connections/elasticsearch/server_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "http/status.hpp"

namespace rowferry::elasticsearch {
namespace {

namespace json = boost::json;

constexpr std::size_t kReasonBytesMax = 600;
constexpr std::size_t kForeignBytesMax = 200;
constexpr int kCausesMax = 3;

/// Types whose fault lies beyond any row.
constexpr auto kBeyondRows = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"security_exception", "auth"},
    {"cluster_block_exception", "cluster_block"},
    {"index_not_found_exception", "index_missing"},
    {"index_closed_exception", "index_closed"},
});

/// A text on one line, cut at a character's edge.
std::string one_line(std::string_view text, std::size_t bytes_max) {
  std::size_t size = std::min(text.size(), bytes_max);
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0u) == 0x80) {
    --size;
  }
  std::string line(text.substr(0, size));
  std::ranges::replace_if(
      line, [](char character) { return static_cast<unsigned char>(character) < 0x20; }, ' ');
  return size < text.size() ? line + "..." : line;
}

std::string_view member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) {
    return {};
  }
  return {value->get_string().data(), value->get_string().size()};
}

std::string describe(const json::object& error) {
  return fmt::format("{}: {}", member(error, "type"),
                     one_line(member(error, "reason"), kReasonBytesMax));
}

}  // namespace

ServerError read_error(const json::value& error) {
  ServerError result;
  if (error.is_string()) {
    result.text = one_line({error.get_string().data(), error.get_string().size()}, kReasonBytesMax);
    return result;
  }
  if (!error.is_object()) {
    return result;
  }
  const json::object* level = &error.get_object();
  result.type = member(*level, "type");
  result.text = describe(*level);
  result.is_permanent = member(*level, "durability") == "PERMANENT";
  for (int depth = 0; depth < kCausesMax && level != nullptr; ++depth) {
    const json::value* cause = level->if_contains("caused_by");
    level = cause == nullptr ? nullptr : cause->if_object();
    if (level != nullptr) {
      result.text += fmt::format(", caused by {}", describe(*level));
    }
  }
  return result;
}

ServerError read_error_body(std::string_view body) {
  boost::system::error_code code;
  const json::value reply = json::parse({body.data(), body.size()}, code);
  if (!code && reply.is_object() && reply.get_object().contains("error")) {
    return read_error(reply.get_object().at("error"));
  }
  ServerError foreign;
  foreign.text = one_line(body, kForeignBytesMax);
  return foreign;
}

std::string_view reason_beyond_rows(std::string_view error_type) {
  const auto known = std::ranges::find(kBeyondRows, error_type,
                                       &std::pair<std::string_view, std::string_view>::first);
  return known == kBeyondRows.end() ? std::string_view{} : known->second;
}

Error refusal(std::string_view attempted, const http::Response& response, WallTime now) {
  const ServerError error = read_error_body(response.body);
  Failure failure = http::failure_of(response.status);
  std::string reason = http::reason_of(response.status);
  const std::string_view beyond = reason_beyond_rows(error.type);
  if (!beyond.empty()) {
    failure = Failure::transient;
    reason = beyond;
  } else if (error.is_permanent) {
    failure = Failure::too_large;
  } else if (failure == Failure::rejected && error.type.empty()) {
    failure = Failure::transient;
  }
  const std::string_view who = reason == "auth" ? "the server refuses us" : "the server answers";
  Error result = Error(failure, fmt::format("{}: {} ({}): {}", attempted, who, response.status,
                                            error.text.empty() ? "no reason given" : error.text))
                     .with_reason(std::move(reason));
  if (const auto wait = http::retry_after(response, now)) {
    return std::move(result).with_retry_after(*wait);
  }
  return result;
}

}  // namespace rowferry::elasticsearch
