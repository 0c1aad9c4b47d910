#include "daemon/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "daemon/plain_words.hpp"

namespace rowferry {

std::string progress_text(const RunView& view) {
  const std::int64_t done = view.run.counters.rows_read;
  std::string text = fmt::format("{}: {}", view.run.job, grouped(done));
  if (view.rows_expected && *view.rows_expected > 0) {
    text += fmt::format(" of about {}", grouped(*view.rows_expected));
  }
  text += " rows";
  if (view.rows_expected && *view.rows_expected > 0 && done <= *view.rows_expected) {
    text += fmt::format(" ({} %)", done * 100 / *view.rows_expected);
  }
  text += fmt::format(", {} rows/s", grouped(view.run_rows_per_second));
  if (view.eta_seconds) {
    text += fmt::format(", about {:.0f} s left", *view.eta_seconds);
  }
  if (view.run.retries > 0) {
    text += fmt::format(", {} {}", view.run.retries, view.run.retries == 1 ? "retry" : "retries");
  }
  return text;
}

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) {
    fmt::print(stderr, "\n");
  }
}

void ProgressLine::show(const RunView& view) {
  if (!terminal_) {
    return;
  }
  // Back to the first column, the text, and the rest of the line cleared.
  fmt::print(stderr, "\r{}\033[K", progress_text(view));
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace rowferry
