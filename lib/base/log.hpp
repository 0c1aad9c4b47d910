#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/secret.hpp"

namespace rowferry {

/// error: a person must act. warn: recovered by itself. info: start, stop, run finished. debug: per
/// batch. trace: per statement and request. Nothing is ever logged per row.
enum class LogLevel { trace, debug, info, warn, error };

/// Where log lines go and how they look.
struct LogSettings {
  LogLevel level = LogLevel::info;
  bool json = false;
  std::string file;  ///< empty: standard error
  std::size_t bytes_max = 64u << 20;
  int files_max = 5;
  bool operator==(const LogSettings&) const = default;
};

/// One `key=value` of a log line. Texts are borrowed until the end of the call. It has no
/// destructor: with one, g++ 12 destroys lists of fields twice inside a coroutine.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  template <class T>
  LogField(std::string_view name, const T& field_value)  // NOLINT: a pair in braces is the point
      : key(name), value(to_value(field_value)) {}

  std::string_view key;
  Value value;

 private:
  template <class T>
  static Value to_value(const T& given) {
    if constexpr (std::is_same_v<T, bool>) {
      return given;
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(given);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      return static_cast<std::int64_t>(given);
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<std::uint64_t>(given);
    } else {
      return std::string_view(given);
    }
  }
};
static_assert(std::is_trivially_destructible_v<LogField>);

/// Structured log lines; thread-safe. Every line passes the redactor, so a configured secret never
/// reaches it.
class Log {
 public:
  /// The redactor must outlive the log.
  Log(const LogSettings& settings, const Redactor& redactor);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void trace(std::string_view text, std::initializer_list<LogField> fields = {});
  void debug(std::string_view text, std::initializer_list<LogField> fields = {});
  void info(std::string_view text, std::initializer_list<LogField> fields = {});
  void warn(std::string_view text, std::initializer_list<LogField> fields = {});
  void error(std::string_view text, std::initializer_list<LogField> fields = {});

  [[nodiscard]] bool enabled(LogLevel level) const;
  /// Opens the file again (after rotation from outside) and flushes.
  void flush();

 private:
  void write(LogLevel level, std::string_view text, std::initializer_list<LogField> fields);
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry
