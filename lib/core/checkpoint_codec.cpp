#include "core/checkpoint_codec.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>

#include "base/error.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

json::object to_json(const Counters& counters) {
  return {{"rows_read", counters.rows_read},       {"rows_written", counters.rows_written},
          {"rows_deleted", counters.rows_deleted}, {"rows_rejected", counters.rows_rejected},
          {"bytes_read", counters.bytes_read},     {"bytes_written", counters.bytes_written}};
}

Counters to_counters(const json::value& value) {
  const auto count = [&](const char* name) { return value.at(name).to_number<std::int64_t>(); };
  return {count("rows_read"),     count("rows_written"), count("rows_deleted"),
          count("rows_rejected"), count("bytes_read"),   count("bytes_written")};
}

std::string to_text(const json::value& value) {
  const json::string& text = value.as_string();
  return {text.data(), text.size()};
}

}  // namespace

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  const json::object object{
      {"position", checkpoint.position.json}, {"receipt", checkpoint.receipt.json},
      {"totals", to_json(checkpoint.totals)}, {"run_counters", to_json(checkpoint.run_counters)},
      {"run_seq", checkpoint.run_seq},        {"complete", checkpoint.complete},
      {"definition", checkpoint.definition},  {"target", checkpoint.target}};
  return json::serialize(object);
}

Checkpoint decode_checkpoint(std::string_view text) {
  try {
    const json::value value = json::parse(json::string_view(text.data(), text.size()));
    Checkpoint checkpoint;
    checkpoint.position.json = to_text(value.at("position"));
    checkpoint.receipt.json = to_text(value.at("receipt"));
    checkpoint.totals = to_counters(value.at("totals"));
    checkpoint.run_counters = to_counters(value.at("run_counters"));
    checkpoint.run_seq = value.at("run_seq").to_number<std::int64_t>();
    checkpoint.complete = value.at("complete").as_bool();
    checkpoint.definition = to_text(value.at("definition"));
    if (const json::value* target = value.as_object().if_contains("target")) {
      checkpoint.target = to_text(*target);
    }
    return checkpoint;
  } catch (const std::exception& cause) {
    throw Error(Failure::internal, fmt::format("not a checkpoint: {}", cause.what()));
  }
}

}  // namespace rowferry
