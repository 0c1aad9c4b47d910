#include <fmt/format.h>

#include <cstdio>
#include <utility>
#include <vector>

#include "daemon/client/conversation.hpp"
#include "daemon/client/status_text.hpp"
#include "daemon/client/view_reader.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/plain_words.hpp"

namespace rowferry {
namespace {

using client::ApiClient;
using client::ApiReply;

std::string letters_path(const Options& options, std::string_view rest) {
  std::string path = client::job_path(options.job, rest);
  if (!options.reason.empty()) {
    path += fmt::format("?reason={}", http::percent_encode(options.reason));
  }
  return path;
}

Task<ExitStatus> list(ApiClient& api, const Options& options) {
  std::string target = letters_path(options, "/dead-letters");
  target += fmt::format("{}limit={}", options.reason.empty() ? '?' : '&', options.limit);
  const ApiReply reply = co_await api.get(std::move(target));
  if (options.json) {
    fmt::print("{}", reply.text);
    co_return ExitStatus::done;
  }
  const std::vector<DeadLetter> letters = client::read_dead_letters(reply.body);
  fmt::print("{}", client::dead_letter_table(letters, colours_of_output()));
  if (static_cast<std::int64_t>(letters.size()) == options.limit) {
    fmt::print(stderr, "the newest {}; --limit shows up to 1000\n", options.limit);
  }
  co_return ExitStatus::done;
}

Task<ExitStatus> replay(ApiClient& api, const Options& options) {
  std::string target = letters_path(options, "/dead-letters/replay");
  ApiReply reply = co_await api.post(std::move(target), std::string());
  const ExitStatus status = co_await report_run(api, options, std::move(reply));
  co_return status;
}

Task<ExitStatus> drop(ApiClient& api, const Options& options) {
  std::string target = letters_path(options, "/dead-letters");
  const ApiReply reply = co_await api.remove(std::move(target));
  const auto dropped = static_cast<std::size_t>(client::read_dropped(reply.body));
  fmt::print(stderr, "{}: {} dropped\n", options.job, counted(dropped, "dead letter"));
  fmt::print("{}", options.json ? reply.text : "");
  co_return ExitStatus::done;
}

}  // namespace

ExitStatus list_dead_letters(const Options& options) { return client::converse(options, list); }
ExitStatus replay_dead_letters(const Options& options) { return client::converse(options, replay); }
ExitStatus drop_dead_letters(const Options& options) { return client::converse(options, drop); }

}  // namespace rowferry
