#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <mutex>

#include "base/buffer.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace rowferry {
namespace {

using SinkPointer = std::shared_ptr<spdlog::sinks::sink>;

constexpr std::size_t kValueBytesMax = 8u << 10;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::string_view word_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

SinkPointer open_sink(const LogSettings& settings) {
  SinkPointer sink;
  if (settings.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    // spdlog counts the rotated files besides the one that is written.
    const auto rotated = static_cast<std::size_t>(std::max(settings.files_max, 1) - 1);
    try {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(settings.file,
                                                                    settings.bytes_max, rotated);
    } catch (const spdlog::spdlog_ex& error) {
      throw Error(Failure::config,
                  fmt::format("cannot write the log file {}: {}", settings.file, error.what()));
    }
  }
  sink->set_pattern("%v");
  return sink;
}

/// Text as UTF-8, each wrong byte replaced, cut to what a line may hold.
std::string clean(std::string text) {
  if (text.size() > kValueBytesMax) {
    text.resize(kValueBytesMax);
    text += "...";
  }
  if (is_utf8(text)) {
    return text;
  }
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 1;
    while (length <= 4 && !is_utf8(std::string_view(text).substr(at, length))) {
      ++length;
    }
    const bool good = length <= 4;
    result += good ? std::string_view(text).substr(at, length) : kReplacement;
    at += good ? length : 1;
  }
  return result;
}

void append_time(WallTime time, Buffer& line) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  line.append(fmt::format(
      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
      clock.minutes().count(), clock.seconds().count(), clock.subseconds().count()));
}

bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char character) {
           return static_cast<unsigned char>(character) <= ' ' || character == '"' ||
                  character == '=' || character == '\\' || character == 0x7f;
         });
}

std::string text_of(const LogField& field) {
  return std::visit([](const auto& value) { return fmt::format("{}", value); }, field.value);
}

/// Whether the value stands without quotes in JSON: numbers (but not `nan` and `inf`) and booleans.
bool is_bare_in_json(const LogField& field) {
  const auto* number = std::get_if<double>(&field.value);
  return number != nullptr ? std::isfinite(*number)
                           : !std::holds_alternative<std::string_view>(field.value);
}

}  // namespace

struct Log::Body {
  Body(const LogSettings& log_settings, const Redactor& log_redactor)
      : settings(log_settings), redactor(log_redactor), sink(open_sink(log_settings)) {}

  void append_text_line(LogLevel level, std::string_view text,
                        std::initializer_list<LogField> fields, Buffer& line) const {
    line.append(fmt::format(" {:<5} ", word_of(level)));
    append_json_escaped_controls(clean(redactor.redact(text)), line);
    for (const LogField& field : fields) {
      line.append(' ');
      line.append(field.key);
      line.append('=');
      const std::string value = clean(redactor.redact(text_of(field)));
      if (needs_quotes(value)) {
        append_json_string(value, line);
      } else {
        line.append(value);
      }
    }
  }

  void append_json_line(LogLevel level, std::string_view text,
                        std::initializer_list<LogField> fields, Buffer& line) const {
    line.append(R"(","level":")");
    line.append(word_of(level));
    line.append(R"(","message":)");
    append_json_string(clean(redactor.redact(text)), line);
    for (const LogField& field : fields) {
      line.append(',');
      append_json_string(field.key, line);
      line.append(':');
      if (is_bare_in_json(field)) {
        line.append(text_of(field));
      } else {
        append_json_string(clean(redactor.redact(text_of(field))), line);
      }
    }
    line.append('}');
  }

  /// A message stays on its line, whatever a server put into it.
  static void append_json_escaped_controls(std::string_view text, Buffer& line) {
    for (const char character : text) {
      if (static_cast<unsigned char>(character) < ' ') {
        append_json_escaped(std::string_view(&character, 1), line);
      } else {
        line.append(character);
      }
    }
  }

  [[nodiscard]] Buffer format(LogLevel level, std::string_view text,
                              std::initializer_list<LogField> fields) const {
    Buffer line;
    const WallTime now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    if (settings.json) {
      line.append(R"({"time":")");
      append_time(now, line);
      append_json_line(level, text, fields, line);
    } else {
      append_time(now, line);
      append_text_line(level, text, fields, line);
    }
    return line;
  }

  /// A full disk must not stop the rows: lines are lost then, which is said once there is room.
  void write(LogLevel level, const Buffer& line) {
    const std::lock_guard lock(mutex);
    try {
      if (lines_lost > 0) {
        send(format(LogLevel::warn, "log lines were lost", {{"lines", lines_lost}}));
        lines_lost = 0;
      }
      send(line);
      if (level >= LogLevel::info) {
        sink->flush();
      }
    } catch (const spdlog::spdlog_ex&) {
      ++lines_lost;
    }
  }

  void send(const Buffer& line) {
    sink->log(spdlog::details::log_msg("", spdlog::level::info,
                                       spdlog::string_view_t(line.data(), line.size())));
  }

  const LogSettings settings;
  const Redactor& redactor;
  std::mutex mutex;
  SinkPointer sink;
  std::uint64_t lines_lost = 0;
};

Log::Log(const LogSettings& settings, const Redactor& redactor)
    : body_(std::make_unique<Body>(settings, redactor)) {}

Log::~Log() = default;

void Log::trace(std::string_view text, std::initializer_list<LogField> fields) {
  write(LogLevel::trace, text, fields);
}

void Log::debug(std::string_view text, std::initializer_list<LogField> fields) {
  write(LogLevel::debug, text, fields);
}

void Log::info(std::string_view text, std::initializer_list<LogField> fields) {
  write(LogLevel::info, text, fields);
}

void Log::warn(std::string_view text, std::initializer_list<LogField> fields) {
  write(LogLevel::warn, text, fields);
}

void Log::error(std::string_view text, std::initializer_list<LogField> fields) {
  write(LogLevel::error, text, fields);
}

bool Log::enabled(LogLevel level) const { return level >= body_->settings.level; }

void Log::flush() {
  const std::lock_guard lock(body_->mutex);
  try {
    body_->sink->flush();
  } catch (const spdlog::spdlog_ex&) {
    ++body_->lines_lost;
  }
  if (!body_->settings.file.empty()) {
    body_->sink = open_sink(body_->settings);
  }
}

void Log::write(LogLevel level, std::string_view text, std::initializer_list<LogField> fields) {
  if (enabled(level)) {
    body_->write(level, body_->format(level, text, fields));
  }
}

}  // namespace rowferry
