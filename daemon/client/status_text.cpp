#include "daemon/client/status_text.hpp"

#include <fmt/format.h>

#include <utility>

#include "daemon/plain_words.hpp"
#include "daemon/progress_line.hpp"

namespace rowferry::client {
namespace {

using std::chrono::milliseconds;
using Side = TextTable::Side;

constexpr std::size_t kKeyWidthMax = 60;

milliseconds between(WallTime from, WallTime to) {
  return std::chrono::duration_cast<milliseconds>(to - from);
}

std::string ago(WallTime time, WallTime now) {
  return fmt::format("{} ago", about(between(time, now)));
}

std::string until(const std::optional<WallTime>& time, WallTime now) {
  if (!time) {
    return "-";
  }
  return *time <= now ? "now" : fmt::format("in {}", about(between(now, *time)));
}

Tone tone_of(JobState state) {
  switch (state) {
    case JobState::waiting:
      return Tone::good;
    case JobState::running:
      return Tone::busy;
    case JobState::backing_off:
      return Tone::warning;
    case JobState::paused:
      return Tone::quiet;
    case JobState::failed:
      return Tone::bad;
  }
  return Tone::plain;
}

std::string seconds_text(const std::optional<double>& seconds) {
  return seconds ? about(milliseconds(static_cast<std::int64_t>(*seconds * 1000))) : "-";
}

// `sync succeeded 3 s ago, 2 rejected`, `full running for 5 s`.
std::string last_run_text(const std::optional<Run>& run, WallTime now) {
  if (!run) {
    return "none yet";
  }
  std::string text = fmt::format("{} {}", to_string(run->type), to_string(run->state));
  if (run->finished_at) {
    text += fmt::format(" {}", ago(*run->finished_at, now));
  } else if (run->state == RunState::running) {
    text += fmt::format(" for {}", about(between(run->started_at, now)));
  }
  if (run->counters.rows_rejected > 0) {
    text += fmt::format(", {} rejected", grouped(run->counters.rows_rejected));
  }
  return text;
}

// What a run did to the sink: written and deleted rows together.
std::string rows_text(const std::optional<Run>& run) {
  return run ? grouped(run->counters.rows_written + run->counters.rows_deleted) : "-";
}

std::string counters_text(const Counters& counters) {
  return fmt::format("{} rows read, {} written, {} deleted, {} rejected, {}",
                     grouped(counters.rows_read), grouped(counters.rows_written),
                     grouped(counters.rows_deleted), grouped(counters.rows_rejected),
                     about_bytes(counters.bytes_written));
}

void append_field(std::string_view name, const std::string& value, std::string& out) {
  out += fmt::format("  {:<11}{}\n", name, value.empty() ? "-" : value);
}

void append_last_run(const Run& run, WallTime now, std::string& out) {
  append_field("last run",
               fmt::format("{} {}, {} (id {})", to_string(run.type), run.run_seq,
                           to_string(run.state), run.id),
               out);
  append_field("", fmt::format("started {} ({})", moment(run.started_at), ago(run.started_at, now)),
               out);
  if (run.finished_at) {
    append_field("", fmt::format("took {}", about(between(run.started_at, *run.finished_at))), out);
  }
  append_field("", counters_text(run.counters), out);
  if (run.retries > 0) {
    append_field("", fmt::format("{} {}", run.retries, run.retries == 1 ? "retry" : "retries"),
                 out);
  }
  if (!run.error.empty()) {
    append_field("", one_line(run.error), out);
  }
}

std::string cut(std::string text) {
  if (width_of(text) <= kKeyWidthMax) {
    return text;
  }
  std::size_t end = kKeyWidthMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return text.substr(0, end) + "...";
}

}  // namespace

std::string status_table(const std::vector<JobView>& jobs, WallTime now, Colours colours) {
  if (jobs.empty()) {
    return "no jobs\n";
  }
  TextTable table({{"JOB", Side::left},
                   {"STATE", Side::left},
                   {"LAG", Side::right},
                   {"LAST RUN", Side::left},
                   {"ROWS", Side::right},
                   {"NEXT RUN", Side::left},
                   {"GUARANTEE", Side::left}});
  for (const JobView& job : jobs) {
    table.add({{job.name, Tone::plain},
               {std::string(to_string(job.state)), tone_of(job.state)},
               {seconds_text(job.lag_seconds), Tone::plain},
               {last_run_text(job.last_run, now), Tone::plain},
               {rows_text(job.last_run), Tone::plain},
               {until(job.next_run_at, now), Tone::plain},
               {job.guarantee.empty() ? "-" : job.guarantee, Tone::plain}},
              one_line(job.last_error));
  }
  return table.text(colours);
}

std::string job_details(const JobView& job, const std::optional<RunView>& running, WallTime now) {
  std::string out = job.name + "\n";
  append_field("state", std::string(to_string(job.state)), out);
  if (running) {
    append_field("progress", progress_text(*running), out);
  }
  append_field("source", job.source, out);
  append_field("sink", job.sink, out);
  append_field("schedule", job.schedule, out);
  append_field("next run",
               job.next_run_at
                   ? fmt::format("{} ({})", moment(*job.next_run_at), until(job.next_run_at, now))
                   : "",
               out);
  append_field("lag", seconds_text(job.lag_seconds), out);
  append_field("guarantee", job.guarantee, out);
  if (job.last_run) {
    append_last_run(*job.last_run, now, out);
  } else {
    append_field("last run", "none yet", out);
  }
  append_field("in all", counters_text(job.totals), out);
  append_field("last error", one_line(job.last_error), out);
  return out;
}

std::string dead_letter_table(const std::vector<DeadLetter>& letters, Colours colours) {
  if (letters.empty()) {
    return "no dead letters\n";
  }
  TextTable table({{"ID", Side::left},
                   {"TIME", Side::left},
                   {"RUN", Side::right},
                   {"TRIES", Side::right},
                   {"KEY", Side::left}});
  for (const DeadLetter& letter : letters) {
    table.add({{letter.id, Tone::plain},
               {moment(letter.time), Tone::plain},
               {fmt::format("{}", letter.run), Tone::plain},
               {fmt::format("{}", letter.tries), Tone::plain},
               {cut(one_line(letter.key_json)), Tone::plain}},
              one_line(letter.reason));
  }
  return table.text(colours);
}

}  // namespace rowferry::client
