#pragma once

#include <string>

#include "engine/control.hpp"

namespace rowferry {

/// `films: 12,345 of about 100,000 rows (12 %), 45,000 rows/s, about 2 s left, 1 retry`.
[[nodiscard]] std::string progress_text(const RunView& view);

/// One line on standard error that updates in place; silent when standard error is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();

  /// Replaces the line.
  void show(const RunView& view);

 private:
  bool terminal_;
  bool shown_ = false;
};

}  // namespace rowferry
