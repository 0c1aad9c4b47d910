#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/preflight.hpp"
#include "sinks/elasticsearch/encoder.hpp"
#include "sinks/elasticsearch/index_definition.hpp"
#include "sinks/elasticsearch/settings.hpp"

namespace rowferry::elasticsearch {

/// What of an index's settings keeps writes out, from the answer to
/// `GET /NAME/_settings?flat_settings=true`.
struct IndexState {
  std::vector<std::string> blocks;  ///< `index.blocks.write`, ...
  bool is_closed = false;
};
[[nodiscard]] IndexState read_index_state(std::string_view body);

/// The fields of an index and their types; one without a type of its own is an `object`.
struct IndexFields {
  std::map<std::string, std::string> types;
  /// `strict`, `false`, `runtime`, or `true`: what happens to a field that is not there.
  std::string dynamic = "true";
};

/// Reads the answer to `GET /NAME/_mapping`; of several indices the last one counts.
[[nodiscard]] IndexFields read_index_fields(std::string_view body);

/// An index that exists: whether it takes writes, remembers removals, keeps what it acknowledges.
[[nodiscard]] std::vector<Finding> judge_index(const SinkSettings& settings,
                                               const IndexFacts& facts, const IndexState& state);

/// Whether the fields of an index take the columns that are sent.
[[nodiscard]] std::vector<Finding> judge_fields(const SinkSettings& settings,
                                                const IndexFields& fields, const Schema& schema);

/// Templates of id and routing that do not go well with the key.
[[nodiscard]] std::vector<Finding> judge_templates(const BulkEncoder& encoder);

/// The body that asks `POST /_security/user/_has_privileges` for what a job needs.
[[nodiscard]] std::string privileges_body(const SinkSettings& settings);

/// What the answer to it says; nothing when the server cannot be asked that.
[[nodiscard]] std::optional<Finding> judge_privileges(const SinkSettings& settings,
                                                      std::string_view body);

/// The body that asks `POST /_index_template/_simulate` whether an index could be created so.
[[nodiscard]] std::string simulation_body(const SinkSettings& settings);

/// The templates of the server that speak of the index, from the answer to it.
[[nodiscard]] std::vector<std::string> templates_in(std::string_view simulation);

}  // namespace rowferry::elasticsearch
