#pragma once

#include <string>
#include <vector>

#include "config/components.hpp"
#include "config/node.hpp"

namespace rowferry::config {

/// What each job of a configuration writes, to find two that write the same.
class WrittenTargets {
 public:
  /// A job with the sink that it has, and the places that its connection leads to.
  struct Writer {
    Node sink;
    std::string job;
    std::string text;  ///< the target as people read it
    bool shared = false;
    std::string apart_by;
    std::vector<NamePattern> names;  ///< in full, each place with each name
  };

  /// Adds a job; `places` are its connection's.
  void add(const Node& sink, const std::string& job, const std::string& text,
           const ParsedSink& parsed, const std::vector<std::string>& places);

  /// Notes a problem at every sink that is not `shared` and can write what another one writes.
  void note_clashes() const;

 private:
  [[nodiscard]] const Writer* find_clash(const Writer& writer) const;

  std::vector<Writer> writers_;
};

}  // namespace rowferry::config
