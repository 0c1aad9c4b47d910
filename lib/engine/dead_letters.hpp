#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/secret.hpp"
#include "core/job_definition.hpp"
#include "core/run_context.hpp"
#include "core/state_store.hpp"

namespace rowferry {

/// The identity of a dead letter: 32 hexadecimal digits made of job, unit and key by SHA-256.
[[nodiscard]] std::string dead_letter_id(const std::string& job, const std::string& unit,
                                         std::string_view key_json);

/// The row as a dead letter keeps it: a JSON object of its columns, or of a huge row
/// `{"key":{..},"bytes":{column: size, ..}}`.
[[nodiscard]] std::string dead_letter_row(const Batch& batch, std::size_t row);

/// The dead letters of one job: puts refused rows into the store before the checkpoint passes them,
/// takes letters out whose key was delivered since, and keeps the limits. Remembers the identities
/// of all letters, so that a job without letters pays nothing.
class DeadLetters {
 public:
  /// Names whose rows they are.
  struct Origin {
    std::string unit;
    std::int64_t run_id = 0;
  };

  /// The references outlive it.
  DeadLetters(const JobSettings& job, const Runtime& runtime, StateStore& store,
              const Redactor& redactor);

  /// Learns which letters the store holds.
  Task<> load();

  /// Accounts for a batch whose predecessors were accounted for: `rejected` rows become letters,
  /// all others were delivered. Durable when it returns. Throws Error{config}, and then has changed
  /// nothing, when the letters are more than the limits allow.
  Task<> settle(const Batch& batch, std::vector<RowIssue> rejected, Origin origin);

  [[nodiscard]] std::size_t rows() const { return bytes_of_.size(); }

 private:
  struct Changes;
  void collect(const Batch& batch, const std::vector<RowIssue>& rejected, const Origin& origin,
               Changes& changes) const;
  void check_limits(const Changes& changes) const;
  void tell(const Changes& changes) const;

  const JobSettings& job_;
  const Runtime& runtime_;
  StateStore& store_;
  const Redactor& redactor_;
  std::unordered_map<std::string, std::size_t> bytes_of_;
  std::size_t bytes_ = 0;
};

}  // namespace rowferry
