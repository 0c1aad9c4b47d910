#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/name_pattern.hpp"
#include "config/node.hpp"
#include "core/job_definition.hpp"

namespace rowferry::config {

/// What a connector's configuration gives: how to build it, and what people and checks need to know
/// of it beforehand.
struct ParsedSource {
  MakeSource make;
  /// What is read, as people call it (`content.film_work`).
  std::string text;
  /// The table's name without its schema, as the sink shall know it; for a query the job's name.
  std::string table;
  /// A fingerprint of columns, where and what else decides which rows and cells are sent.
  std::string definition;
  bool has_cursor = false;
  /// Whether rows can be removed in the sink (`deleted`, tombstones).
  bool removes_rows = false;
  /// When the job sweeps by itself; nothing: when it is asked to.
  std::optional<Schedule> sweep;
};

/// The same of a sink.
struct ParsedSink {
  MakeSink make;
  /// What is written, as people call it (`movies`).
  std::string target;
  /// What it is called below the places of its connection; empty: `target` is the one name. Two
  /// jobs that can make one name need `shared: true`.
  std::vector<NamePattern> names;
  /// What sets two jobs apart, for the message: `another key`.
  std::string apart_by = "another target";
};

/// One line of the component list. Each `parse` reads all of its keys, notes problems, and returns
/// something inert; nothing is touched. The generic keys (`connection`, `shared`, `validate`,
/// `type`) are marked as known by the caller.
struct ConnectionComponent {
  std::string_view type;
  MakeConnection (*parse)(const std::string& name, const Node& node);
  /// Where it leads, in a normal form that ends with `/`, so that what is written through two
  /// connections can be compared: `elasticsearch:es:9200/`. Null: two connections are two places.
  std::vector<std::string> (*places)(const Node& node) = nullptr;
};
struct SourceComponent {
  std::string_view connection_type;
  ParsedSource (*parse)(const JobSettings& job, const Node& source);
};
struct SinkComponent {
  std::string_view connection_type;
  ParsedSink (*parse)(const JobSettings& job, const Node& sink);
};

/// Every connection type, source and sink that the program is made of.
struct Components {
  std::vector<ConnectionComponent> connections;
  std::vector<SourceComponent> sources;
  std::vector<SinkComponent> sinks;
};

}  // namespace rowferry::config
