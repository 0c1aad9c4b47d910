#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/dead_letter.hpp"
#include "state/yaml_place.hpp"

namespace rowferry {

/// The dead letters of a state in YAML: what was added by one call is one file of the job's folder
/// `dead-letters`, numbered upwards. A letter that comes again stands in a newer file, which
/// counts; the older file is then written without it. All calls block, and hold one file in memory.
class YamlDeadLetters {
 public:
  /// The place must outlive it.
  explicit YamlDeadLetters(YamlPlace& place) : place_(place) {}

  void add(const std::vector<DeadLetter>& letters);
  [[nodiscard]] std::vector<DeadLetter> list(const DeadLetterQuery& query);
  [[nodiscard]] std::vector<DeadLetterEntry> index(const std::string& job);
  [[nodiscard]] DeadLetterTotals totals(const std::string& job);
  void erase(const std::string& job, const std::vector<std::string>& ids);

 private:
  /// Returns false to end.
  using Visit = std::function<bool(DeadLetter letter)>;

  void add_of_job(const std::string& job, std::vector<DeadLetter> letters);
  void drop(const std::string& job, std::int64_t number, const std::vector<std::string>& ids);
  void visit(const std::string& job, const Visit& visit);
  [[nodiscard]] std::vector<std::int64_t> numbers(const std::string& job) const;
  [[nodiscard]] YamlFile file(const std::string& job, std::int64_t number) const;
  [[nodiscard]] std::vector<DeadLetter> read(const std::string& job, std::int64_t number);
  void write(const std::string& job, std::int64_t number, const std::vector<DeadLetter>& letters);

  YamlPlace& place_;
};

}  // namespace rowferry
