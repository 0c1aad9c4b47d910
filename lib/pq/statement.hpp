#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rowferry::pq {

/// One thing to ask of the server.
struct Statement {
  /// What it is for, as it reads in an error behind the connection's name: `reading
  /// content.film_work`.
  std::string purpose;
  std::string sql;
  /// `$1`, `$2`, ... in text form, nothing for NULL. With parameters the text is one statement;
  /// without, it may be several, separated by semicolons.
  std::vector<std::optional<std::string>> parameters = {};
  /// How long to wait for the server before the statement is cancelled; nothing: the session's
  /// statement_timeout and a few seconds of grace. For a COPY: how long no byte may come.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// Late means that the session is dropped at once, instead of asking the server to end the
  /// statement, which costs some seconds more where the server hangs.
  bool drop_when_late = false;
};

}  // namespace rowferry::pq
