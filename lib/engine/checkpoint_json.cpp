#include "engine/checkpoint_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/buffer.hpp"
#include "base/json_syntax.hpp"
#include "base/json_text.hpp"
#include "engine/control.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> kMembers = {
    "position", "receipt", "totals", "run_counters", "run_seq", "complete", "definition", "target"};

std::string quoted(std::string_view text) {
  Buffer buffer;
  append_json_string(text, buffer);
  return std::string(buffer.view());
}

// A connector's note as it is, or as a string where it is no JSON.
std::string embedded(const std::string& text) {
  if (text.empty()) {
    return "null";
  }
  return json_syntax(text) == JsonSyntax::none ? quoted(text) : text;
}

std::string counters_json(const Counters& counters) {
  return fmt::format(R"({{"rows_read":{},"rows_written":{},"rows_deleted":{},"rows_rejected":{},)"
                     R"("bytes_read":{},"bytes_written":{}}})",
                     counters.rows_read, counters.rows_written, counters.rows_deleted,
                     counters.rows_rejected, counters.bytes_read, counters.bytes_written);
}

[[noreturn]] void refuse(const std::string& path, std::string_view what) {
  throw RefusedError(Refusal::bad_request, fmt::format("{}: {}", path, what));
}

// The reader of one JSON object whose members must all be known.
class Members {
 public:
  Members(const json::value& value, std::string path) : path_(std::move(path)) {
    if (!value.is_object()) {
      refuse(path_, "must be an object, as GET gives it");
    }
    object_ = &value.get_object();
  }

  const json::value& at(std::string_view name) const {
    const json::value* found = object_->if_contains({name.data(), name.size()});
    if (found == nullptr) {
      refuse(path_of(name), "is missing");
    }
    return *found;
  }

  std::int64_t count(std::string_view name) const {
    const json::value& value = at(name);
    json::error_code code;
    const auto number = value.to_number<std::int64_t>(code);
    if (code || number < 0) {
      refuse(path_of(name), "must be a number that is not negative");
    }
    return number;
  }

  bool boolean(std::string_view name) const {
    if (!at(name).is_bool()) {
      refuse(path_of(name), "must be true or false");
    }
    return at(name).get_bool();
  }

  std::string text(std::string_view name) const {
    if (!at(name).is_string()) {
      refuse(path_of(name), "must be a string");
    }
    const json::string& text = at(name).get_string();
    return {text.data(), text.size()};
  }

  /// A connector's own JSON: null is nothing, a string is what was no JSON.
  std::string note(std::string_view name) const {
    const json::value& value = at(name);
    if (value.is_null()) {
      return {};
    }
    return value.is_string() ? text(name) : json::serialize(value);
  }

  std::string path_of(std::string_view name) const {
    return path_ == kRoot ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  void refuse_unknown() const {
    for (const auto& member : *object_) {
      const std::string_view name(member.key().data(), member.key().size());
      if (std::ranges::find(kMembers, name) == kMembers.end()) {
        refuse(path_of(name), "is no part of a checkpoint");
      }
    }
  }

  static constexpr std::string_view kRoot = "the checkpoint";

 private:
  const json::object* object_ = nullptr;
  std::string path_;
};

Counters counters_of(const Members& checkpoint, std::string_view name) {
  const Members counters(checkpoint.at(name), checkpoint.path_of(name));
  return {counters.count("rows_read"),    counters.count("rows_written"),
          counters.count("rows_deleted"), counters.count("rows_rejected"),
          counters.count("bytes_read"),   counters.count("bytes_written")};
}

Checkpoint checkpoint_of(const json::value& value, std::string path) {
  const Members members(value, std::move(path));
  members.refuse_unknown();
  Checkpoint checkpoint;
  checkpoint.position.json = members.note("position");
  checkpoint.receipt.json = members.note("receipt");
  checkpoint.totals = counters_of(members, "totals");
  checkpoint.run_counters = counters_of(members, "run_counters");
  checkpoint.run_seq = members.count("run_seq");
  checkpoint.complete = members.boolean("complete");
  checkpoint.definition = members.text("definition");
  checkpoint.target = members.text("target");
  return checkpoint;
}

}  // namespace

std::string checkpoint_json(const Checkpoint& checkpoint) {
  return fmt::format(
      R"({{"position":{},"receipt":{},"totals":{},"run_counters":{},"run_seq":{},"complete":{},)"
      R"("definition":{},"target":{}}})",
      embedded(checkpoint.position.json), embedded(checkpoint.receipt.json),
      counters_json(checkpoint.totals), counters_json(checkpoint.run_counters), checkpoint.run_seq,
      checkpoint.complete, quoted(checkpoint.definition), quoted(checkpoint.target));
}

std::string checkpoints_json(const Checkpoints& checkpoints) {
  if (checkpoints.empty()) {
    return "null";
  }
  if (checkpoints.size() == 1 && checkpoints.begin()->first.empty()) {
    return checkpoint_json(checkpoints.begin()->second);
  }
  std::string units;
  for (const auto& [unit, checkpoint] : checkpoints) {
    units +=
        fmt::format("{}{}:{}", units.empty() ? "" : ",", quoted(unit), checkpoint_json(checkpoint));
  }
  return fmt::format(R"({{"units":{{{}}}}})", units);
}

Checkpoints parse_checkpoints(std::string_view text) {
  json::error_code code;
  const json::value value = json::parse({text.data(), text.size()}, code);
  const std::string root(Members::kRoot);
  if (code) {
    refuse(root, "is no JSON");
  }
  if (!value.is_object()) {
    refuse(root, "must be an object, as GET gives it; DELETE takes a checkpoint away");
  }
  Checkpoints checkpoints;
  const json::value* units = value.get_object().if_contains("units");
  if (units == nullptr) {
    checkpoints[""] = checkpoint_of(value, root);
    return checkpoints;
  }
  if (value.get_object().size() != 1 || !units->is_object()) {
    refuse("units", "must be an object of checkpoints, and the only member");
  }
  for (const auto& unit : units->get_object()) {
    const std::string name(unit.key().data(), unit.key().size());
    checkpoints[name] = checkpoint_of(unit.value(), "units." + name);
  }
  return checkpoints;
}

}  // namespace rowferry
