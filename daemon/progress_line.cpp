#include "daemon/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace rowferry {
namespace {

// 1234567 as `1,234,567`.
std::string grouped(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

}  // namespace

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
