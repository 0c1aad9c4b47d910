// The keys of a job that the engine itself acts on.
#include <fmt/format.h>

#include "base/duration.hpp"
#include "config/cron_schedule.hpp"
#include "config/settings_parts.hpp"

namespace rowferry::config {
namespace {

using std::chrono::milliseconds;

// Cells are addressed with 32 bits within a batch, and a batch may exceed its limit by one row.
constexpr std::size_t kBatchBytesMax = 1u << 30;
constexpr std::int64_t kBatchRowsMax = 1'000'000;
constexpr milliseconds kFetchDelayMin{10};

BatchLimits parse_batch(const Node& batch) {
  BatchLimits limits;
  limits.rows_max = static_cast<std::size_t>(
      batch.integer("rows", static_cast<std::int64_t>(limits.rows_max), 1, kBatchRowsMax));
  limits.bytes_max = batch.size("bytes", limits.bytes_max);
  if (limits.bytes_max > kBatchBytesMax) {
    batch.problem("bytes",
                  fmt::format("must be a size of at most {}", format_size(kBatchBytesMax)));
  }
  return limits;
}

RetryPolicy parse_retry(const Node& retry) {
  RetryPolicy policy;
  policy.initial_delay = retry.duration("initial_delay", policy.initial_delay, milliseconds(1));
  policy.multiplier = retry.number("multiplier", policy.multiplier, 1, 1000);
  policy.max_delay = retry.duration("max_delay", policy.max_delay, milliseconds(1));
  policy.jitter = retry.number("jitter", policy.jitter, 0, 1);
  if (policy.max_delay < policy.initial_delay) {
    retry.problem(retry.given("max_delay") ? "max_delay" : "initial_delay",
                  "max_delay must not be shorter than initial_delay");
  }
  const std::string patience = retry.text("give_up_after", "never");
  if (patience != "never") {
    policy.give_up_after = parse_duration(patience);
    if (!policy.give_up_after) {
      retry.problem("give_up_after",
                    fmt::format("must be never or a duration such as 10m, not '{}'", patience));
    }
  }
  return policy;
}

DeadLetterLimits parse_dead_letters(const Node& dead_letters) {
  DeadLetterLimits limits;
  limits.rows_max = static_cast<std::size_t>(
      dead_letters.integer("max_rows", static_cast<std::int64_t>(limits.rows_max)));
  limits.bytes_max = dead_letters.size("max_bytes", limits.bytes_max, 0);
  return limits;
}

}  // namespace

Schedule parse_schedule(const Node& job, bool has_cursor) {
  Schedule schedule;
  schedule.kind = has_cursor ? Schedule::Kind::fetch_delay : Schedule::Kind::manual;
  const Node node = job.at("schedule");
  if (node.is_scalar() || node.empty()) {
    if (!node.empty() && node.scalar() != "manual") {
      node.problem("", "must be manual, {fetch_delay: 5s} or {cron: \"0 3 * * *\"}");
    }
    schedule.kind = node.is_scalar() ? Schedule::Kind::manual : schedule.kind;
    return schedule;
  }
  const bool delay = node.given("fetch_delay");
  const bool cron = node.given("cron");
  if (delay == cron) {
    node.problem("", "needs exactly one of fetch_delay and cron");
  }
  if (delay) {
    schedule.kind = Schedule::Kind::fetch_delay;
    schedule.fetch_delay = node.duration("fetch_delay", schedule.fetch_delay, kFetchDelayMin);
  }
  if (delay && !cron && node.given("timezone")) {
    node.problem("timezone", "only goes with cron");
  }
  if (cron) {
    return parse_cron_schedule(node);
  }
  schedule.timezone = parse_time_zone(node);
  return schedule;
}

JobSettings parse_job_settings(const std::string& name, const Node& job) {
  JobSettings settings;
  settings.name = name;
  settings.batch = parse_batch(job.at("batch"));
  settings.retry = parse_retry(job.at("retry"));
  settings.dead_letters = parse_dead_letters(job.at("dead_letters"));
  settings.on_definition_change = job.word("on_definition_change", {"warn", "full"}) == "full"
                                      ? OnDefinitionChange::full
                                      : OnDefinitionChange::warn;
  return settings;
}

}  // namespace rowferry::config
