#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "config/problems.hpp"

namespace rowferry::config {

/// One value of the configuration with its place (file, line, key path). A map is read key by key
/// through typed getters: each notes a problem instead of throwing, and marks its key as known;
/// `finish` then reports the keys that nobody asked for. An empty value counts as not given.
class Node {
 public:
  /// Whether the key stands there with a value. Marks it as known.
  [[nodiscard]] bool given(std::string_view key) const;
  /// The value of a key as a node of its own; an empty node when it is not given.
  [[nodiscard]] Node at(std::string_view key) const;
  /// As `at`, and a problem when it is missing.
  [[nodiscard]] Node required(std::string_view key) const;

  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = "") const;
  [[nodiscard]] std::string required_text(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key, bool fallback) const;
  [[nodiscard]] std::int64_t integer(
      std::string_view key, std::int64_t fallback, std::int64_t minimum = 0,
      std::int64_t maximum = std::numeric_limits<std::int64_t>::max()) const;
  [[nodiscard]] double number(std::string_view key, double fallback, double minimum,
                              double maximum) const;
  /// `250ms 5s 10m 1h 7d`.
  [[nodiscard]] std::chrono::milliseconds duration(
      std::string_view key, std::chrono::milliseconds fallback,
      std::chrono::milliseconds minimum = std::chrono::milliseconds(0)) const;
  /// `512KiB 8MiB 1GiB`, in bytes.
  [[nodiscard]] std::size_t size(std::string_view key, std::size_t fallback,
                                 std::size_t minimum = 1) const;
  /// One of the words; the first is the default unless `fallback` is given.
  [[nodiscard]] std::string word(std::string_view key,
                                 std::initializer_list<std::string_view> words,
                                 std::string_view fallback = "") const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  /// A secret; it is also taught to the redactor.
  [[nodiscard]] Secret secret(std::string_view key) const;
  /// Teaches the redactor a secret that is a part of a value (the password inside a dsn).
  void learn(const Secret& secret) const;
  /// A path, made absolute from the configuration file's folder. Empty when not given.
  [[nodiscard]] std::filesystem::path path(std::string_view key) const;
  /// As `path`, and a problem when there is no readable file.
  [[nodiscard]] std::filesystem::path existing_file(std::string_view key) const;

  /// A key of the contract that this version does not build: known, and a problem when given.
  void not_built(std::string_view key) const;
  /// As `not_built`, for a value other than the one that this version does: `mode: partitions`.
  void not_built_value(std::string_view key, std::string_view value) const;

  /// Reports unknown keys of this map and of the maps in it that were read, each with the nearest
  /// known one. Call last; a second call does nothing.
  void finish() const;
  /// Says that nobody can tell which keys belong into this map (its connection is unknown).
  void leave_unfinished() const;

  /// Notes a problem at a key of this map (empty: at the map itself).
  void problem(std::string_view key, std::string text) const;

  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool is_map() const;
  [[nodiscard]] bool is_list() const;
  [[nodiscard]] bool is_scalar() const;
  /// This value as text, for scalars.
  [[nodiscard]] std::string scalar() const;
  /// The keys of this map in the order of the file; marks none as known.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// The items of this list.
  [[nodiscard]] std::vector<Node> items() const;
  [[nodiscard]] int line() const;
  [[nodiscard]] const std::string& key_path() const;
  /// The folder that relative paths start at.
  [[nodiscard]] const std::filesystem::path& folder() const;

  struct Body;
  explicit Node(std::shared_ptr<Body> body);

 private:
  std::shared_ptr<Body> body_;
};

}  // namespace rowferry::config
