#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/position.hpp"

namespace rowferry::elasticsearch {

/// For how long the indices that we create remember removed documents.
inline constexpr std::string_view kGcDeletesOfOurs = "1h";

/// What `index_config` must be: a JSON object of settings, mappings and aliases. Gives what is
/// wrong with the text; empty: nothing.
[[nodiscard]] std::string fault_of_index_config(std::string_view text);

/// What is wrong with the name of an index; empty: nothing. The servers' own rules
/// (https://www.elastic.co/guide/en/elasticsearch/reference/8.8/indices-create-index.html).
[[nodiscard]] std::string fault_of_index_name(std::string_view name);

/// The body of the request that creates an index: `index_config` (may be empty), and
/// `index.gc_deletes: 1h` unless that sets it.
[[nodiscard]] std::string creation_body(std::string_view index_config);

/// What we need to know of an index that exists.
struct IndexFacts {
  /// The names of the indices behind the name: itself, or those of an alias.
  std::vector<std::string> names;
  /// What the servers call them inside: an index that is made anew gets another one.
  std::vector<std::string> uuids;
  /// For how long the least of them remembers removed documents.
  std::chrono::milliseconds gc_deletes{60'000};
  /// Whether one of them says that a write is done before it is on disk.
  bool is_translog_async = false;
};

/// Reads the answer to `GET /NAME/_settings?flat_settings=true`. Nothing when it is none.
[[nodiscard]] std::optional<IndexFacts> read_index_facts(std::string_view body);

/// The sink's note of the indices that it wrote to, and back: `{"index_uuids": [..]}`.
[[nodiscard]] Receipt receipt_of(const IndexFacts& facts);
[[nodiscard]] std::vector<std::string> index_uuids_of(const Receipt& receipt);

/// Reads the answer to `GET /_alias/NAME`: the index that writes to the alias go to. Nothing when
/// there is none.
[[nodiscard]] std::optional<std::string> write_index_of_alias(std::string_view body,
                                                              std::string_view alias);

/// A duration as the servers write it (`90m`, `500micros`), rounded down. Nothing when it is none.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_time_value(std::string_view text);

}  // namespace rowferry::elasticsearch
