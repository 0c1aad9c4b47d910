// Connections and jobs: who may be what, which component reads which keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/fingerprint.hpp"
#include "config/nearest_word.hpp"
#include "config/settings_parts.hpp"
#include "config/written_targets.hpp"

namespace rowferry::config {
namespace {

/// What the connection types are for once all of them are built.
struct KnownType {
  std::string_view type;
  bool source;
  bool sink;
};

constexpr auto kKnownTypes = std::to_array<KnownType>({
    {"postgres", true, true},
    {"sqlite", true, false},
    {"elasticsearch", false, true},
    {"s3", false, true},
    {"file", false, true},
    {"bigquery", false, true},
});

const KnownType* find_known(std::string_view type) {
  const auto known =
      std::find_if(kKnownTypes.begin(), kKnownTypes.end(),
                   [&](const KnownType& candidate) { return candidate.type == type; });
  return known == kKnownTypes.end() ? nullptr : &*known;
}

template <class Component>
const Component* find_component(const std::vector<Component>& components, std::string_view type,
                                std::string_view Component::*member) {
  const auto found =
      std::find_if(components.begin(), components.end(),
                   [&](const Component& component) { return component.*member == type; });
  return found == components.end() ? nullptr : &*found;
}

std::string type_names(const Components& components) {
  std::vector<std::string_view> names;
  for (const ConnectionComponent& built : components.connections) {
    names.push_back(built.type);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Says why a connection's type will not do.
void note_type(const Components& components, const Node& connection, const std::string& type) {
  connection.leave_unfinished();
  if (find_known(type) != nullptr) {
    connection.problem("type", std::string(kNotBuilt));
  } else if (!type.empty()) {
    connection.problem("type", fmt::format("must be one of {}", type_names(components)));
  }
}

class JobsParser {
 public:
  JobsParser(const Components& components, const std::vector<ConnectionDefinition>& connections)
      : components_(components), connections_(connections) {}

  void add(const std::string& name, const Node& job) {
    JobDefinition definition;
    definition.settings = parse_job_settings(name, job);
    const ParsedSource source = parse_source(job, definition);
    definition.settings.schedule = parse_schedule(job, source.has_cursor);
    definition.settings.incremental = source.has_cursor;
    definition.settings.removes_rows = source.removes_rows;
    definition.settings.sweep = source.sweep;
    definition.settings.table = source.table;
    note_transforms(job.at("transforms"));
    job.not_built("reconcile");
    parse_sink(job, definition);
    definition.make_source = source.make;
    definition.definition = source.definition;
    definition.source_text = fmt::format("{} {}", definition.source_connection, source.text);
    job.finish();
    definition.fingerprint = fingerprint_of(job);
    jobs_.push_back(std::move(definition));
  }

  std::vector<JobDefinition> take() {
    written_.note_clashes();
    return std::move(jobs_);
  }

 private:
  /// The connection that a side of a job names, when there is such a one whose type is built.
  const ConnectionDefinition* find_connection(const Node& side) {
    const std::string name = side.required_text("connection");
    if (name.empty()) {
      return nullptr;
    }
    std::vector<std::string> names;
    for (const ConnectionDefinition& connection : connections_) {
      if (connection.name == name) {
        return connection.make ? &connection : nullptr;
      }
      names.push_back(connection.name);
    }
    const std::string nearest = nearest_word(name, names);
    side.problem("connection",
                 nearest.empty() ? "unknown connection: there are no connections"
                                 : fmt::format("unknown connection, did you mean '{}'?", nearest));
    return nullptr;
  }

  /// Says that a connection cannot be this side of a job: never, or not yet.
  static void note_side(const Node& side, const ConnectionDefinition& connection, bool ever,
                        std::string_view word) {
    side.leave_unfinished();
    side.problem("connection", ever ? std::string(kNotBuilt)
                                    : fmt::format("'{}' is of type {}, which cannot be a {}",
                                                  connection.name, connection.type, word));
  }

  static void check_mode(const Node& source) {
    const bool cursor = source.given("cursor");
    if (cursor && source.given("partitions") && !source.given("mode")) {
      source.problem("mode",
                     "is missing: with cursor and partitions both given, it must say which");
    }
    if (!cursor && source.text("mode") == "incremental") {
      source.problem("mode", "incremental needs a cursor");
    }
  }

  ParsedSource parse_source(const Node& job, JobDefinition& definition) {
    ParsedSource parsed;
    const Node source = job.required("source");
    const ConnectionDefinition* connection = find_connection(source);
    if (connection == nullptr) {
      source.leave_unfinished();
      return parsed;
    }
    definition.source_connection = connection->name;
    const auto* component =
        find_component(components_.sources, connection->type, &SourceComponent::connection_type);
    if (component == nullptr) {
      const KnownType* known = find_known(connection->type);
      note_side(source, *connection, known != nullptr && known->source, "source");
      return parsed;
    }
    parsed = component->parse(definition.settings, source);
    check_mode(source);
    source.finish();
    return parsed;
  }

  void parse_sink(const Node& job, JobDefinition& definition) {
    const Node sink = job.required("sink");
    std::ignore = sink.boolean("shared", false);
    if (sink.boolean("validate", false)) {
      sink.not_built("validate");
    }
    const ConnectionDefinition* connection = find_connection(sink);
    if (connection == nullptr) {
      sink.leave_unfinished();
      return;
    }
    definition.sink_connection = connection->name;
    const auto* component =
        find_component(components_.sinks, connection->type, &SinkComponent::connection_type);
    if (component == nullptr) {
      const KnownType* known = find_known(connection->type);
      note_side(sink, *connection, known != nullptr && known->sink, "sink");
      return;
    }
    ParsedSink parsed = component->parse(definition.settings, sink);
    sink.finish();
    definition.sink_text = fmt::format("{} {}", connection->name, parsed.target);
    definition.make_sink = std::move(parsed.make);
    if (!parsed.target.empty()) {
      written_.add(sink, definition.settings.name, definition.sink_text, parsed,
                   connection->places);
    }
  }

  static void note_transforms(const Node& transforms) {
    for (const Node& item : transforms.items()) {
      item.problem("", std::string(kNotBuilt));
    }
  }

  const Components& components_;
  const std::vector<ConnectionDefinition>& connections_;
  std::vector<JobDefinition> jobs_;
  WrittenTargets written_;
};

/// Where a connection leads; its name says that where nothing better is known.
std::vector<std::string> places_of(const ConnectionComponent& component, const std::string& name,
                                   const Node& node) {
  std::vector<std::string> places;
  if (component.places != nullptr) {
    places = component.places(node);
  }
  if (places.empty()) {
    places.push_back(fmt::format("connection:{}/", name));
  }
  return places;
}

}  // namespace

std::vector<ConnectionDefinition> parse_connections(const Components& components,
                                                    const Node& connections) {
  std::vector<ConnectionDefinition> definitions;
  for (const std::string& name : connections.keys()) {
    const Node node = connections.required(name);
    check_name(connections, name);
    ConnectionDefinition definition;
    definition.name = name;
    definition.type = node.required_text("type");
    const auto* component =
        find_component(components.connections, definition.type, &ConnectionComponent::type);
    if (component != nullptr) {
      definition.make = component->parse(name, node);
      definition.places = places_of(*component, name, node);
      node.finish();
      definition.fingerprint = fingerprint_of(node);
    } else {
      note_type(components, node, definition.type);
    }
    definitions.push_back(std::move(definition));
  }
  return definitions;
}

std::vector<JobDefinition> parse_jobs(const Components& components,
                                      const std::vector<ConnectionDefinition>& connections,
                                      const Node& jobs) {
  JobsParser parser(components, connections);
  for (const std::string& name : jobs.keys()) {
    check_name(jobs, name);
    parser.add(name, jobs.required(name));
  }
  return parser.take();
}

}  // namespace rowferry::config
