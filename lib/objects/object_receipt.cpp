#include "objects/object_receipt.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>

#include "base/error.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

std::string to_text(const json::value& value) {
  const json::string& text = value.as_string();
  return {text.data(), text.size()};
}

std::int64_t to_integer(const json::value& value) { return value.to_number<std::int64_t>(); }

ObjectReceipt read_receipt(const json::value& value) {
  ObjectReceipt receipt;
  receipt.run_seq = to_integer(value.at("run_seq"));
  receipt.full = value.at("full").as_bool();
  receipt.finished = value.at("finished").as_bool();
  receipt.started = WallTime(std::chrono::microseconds(to_integer(value.at("started_us"))));
  receipt.next_part = to_integer(value.at("next_part"));
  receipt.folder = to_text(value.at("folder"));
  for (const json::value& entry : value.at("objects").as_array()) {
    receipt.objects.push_back({to_text(entry.at("key")), to_integer(entry.at("rows")),
                               to_integer(entry.at("bytes")), to_text(entry.at("sha256")),
                               to_text(entry.at("digest"))});
  }
  for (const json::value& key : value.at("intents").as_array()) {
    receipt.intents.push_back(to_text(key));
  }
  return receipt;
}

}  // namespace

Receipt encode_receipt(const ObjectReceipt& receipt) {
  json::array objects;
  for (const ObjectEntry& entry : receipt.objects) {
    objects.push_back(json::object{{"key", entry.key},
                                   {"rows", entry.rows},
                                   {"bytes", entry.bytes},
                                   {"sha256", entry.sha256},
                                   {"digest", entry.digest}});
  }
  json::array intents;
  for (const std::string& key : receipt.intents) {
    intents.emplace_back(key);
  }
  const json::object note{
      {"run_seq", receipt.run_seq},     {"full", receipt.full},
      {"finished", receipt.finished},   {"started_us", receipt.started.time_since_epoch().count()},
      {"next_part", receipt.next_part}, {"folder", receipt.folder},
      {"objects", std::move(objects)},  {"intents", std::move(intents)}};
  return {json::serialize(note)};
}

ObjectReceipt decode_receipt(const Receipt& receipt) {
  if (receipt.empty()) {
    return {};
  }
  try {
    return read_receipt(json::parse(receipt.json));
  } catch (const std::exception& cause) {
    throw Error(Failure::internal,
                fmt::format("the checkpoint holds no receipt of an object store's sink ({}); was "
                            "the job's sink another one before? Ask for a full copy (rowferry run "
                            "--full) or give the job another name",
                            cause.what()));
  }
}

}  // namespace rowferry
