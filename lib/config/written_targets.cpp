#include "config/written_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rowferry::config {
namespace {

bool meet(const std::vector<NamePattern>& left, const std::vector<NamePattern>& right) {
  return std::ranges::any_of(left, [&right](const NamePattern& name) {
    return std::ranges::any_of(right,
                               [&name](const NamePattern& other) { return name.meets(other); });
  });
}

}  // namespace

void WrittenTargets::add(const Node& sink, const std::string& job, const std::string& text,
                         const ParsedSink& parsed, const std::vector<std::string>& places) {
  Writer writer{sink, job, text, sink.boolean("shared", false), parsed.apart_by, {}};
  std::vector<NamePattern> names = parsed.names;
  if (names.empty()) {
    names.emplace_back(parsed.target);
  }
  for (const std::string& place : places) {
    for (const NamePattern& name : names) {
      writer.names.push_back(NamePattern(place).append(name));
    }
  }
  writers_.push_back(std::move(writer));
}

const WrittenTargets::Writer* WrittenTargets::find_clash(const Writer& writer) const {
  const auto clash = std::ranges::find_if(writers_, [&writer](const Writer& other) {
    return &other != &writer && meet(writer.names, other.names);
  });
  return clash == writers_.end() ? nullptr : &*clash;
}

void WrittenTargets::note_clashes() const {
  for (const Writer& writer : writers_) {
    const Writer* other = writer.shared ? nullptr : find_clash(writer);
    if (other != nullptr) {
      writer.sink.problem(
          "shared", fmt::format("job '{}' writes the same target ({}): give one of them {} or, if "
                                "that is meant, set shared: true in both",
                                other->job, other->text, writer.apart_by));
    }
  }
}

}  // namespace rowferry::config
