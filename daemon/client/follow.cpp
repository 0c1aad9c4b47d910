#include "daemon/client/follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "daemon/client/view_reader.hpp"
#include "daemon/progress_line.hpp"

namespace rowferry::client {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kPauseMax{500};
constexpr std::chrono::seconds kAwayMax{60};
// Longer than a job with a fetch_delay mostly rests.
constexpr std::chrono::seconds kRestMax{15};

/// An answer, or why there was none.
struct Look {
  std::optional<ApiReply> reply;
  std::optional<Error> failure;
};

Task<Look> look_at(ApiClient& api, std::string target) {
  Look look;
  try {
    ApiReply reply = co_await api.get(std::move(target));
    look.reply = std::move(reply);
  } catch (const Error& error) {
    look.failure = error;
  }
  co_return look;
}

Task<> pause_for(std::chrono::milliseconds pause) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, pause);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

/// How long the daemon was away, and for how long nobody has worked on the run since.
class Patience {
 public:
  /// Throws what lasts: a refusal, or a daemon that was away for too long.
  void judge(const Look& look) {
    if (!look.failure) {
      last_answer_ = steady_clock::now();
      return;
    }
    was_away_ = true;
    const bool is_away =
        look.failure->failure() == Failure::transient && look.failure->reason() != "auth";
    if (!is_away || steady_clock::now() - last_answer_ > kAwayMax) {
      throw Error(*look.failure);
    }
  }

  /// Whether the run may have been interrupted: the daemon was away meanwhile.
  [[nodiscard]] bool has_doubts() const { return was_away_; }

  /// Throws when the job has rested for too long since then.
  void judge_job(const Run& run, JobState state) {
    const bool is_at_work = state == JobState::running || state == JobState::backing_off;
    if (is_at_work || !rests_since_) {
      rests_since_ = is_at_work ? std::nullopt : std::optional(steady_clock::now());
    } else if (steady_clock::now() - *rests_since_ > kRestMax) {
      throw Error(Failure::rejected,
                  fmt::format("a restart of the daemon interrupted run {} of {}: what it wrote is "
                              "saved, and it goes on when the job runs again (rowferry trigger {})",
                              run.run_seq, run.job, run.job));
    }
  }

 private:
  steady_clock::time_point last_answer_ = steady_clock::now();
  std::optional<steady_clock::time_point> rests_since_;
  bool was_away_ = false;
};

Task<> judge_job_of(ApiClient& api, const Run& run, Patience& patience) {
  std::string target = job_path(run.job);
  const Look look = co_await look_at(api, std::move(target));
  if (look.reply) {
    const JobView job = read_job(look.reply->body);
    patience.judge_job(run, job.state);
  }
}

}  // namespace

Task<FollowedRun> follow_run(ApiClient& api, std::int64_t id) {
  ProgressLine line;
  Patience patience;
  auto pause = kFirstPause;
  while (true) {
    std::string target = fmt::format("/v1/runs/{}", id);
    const Look look = co_await look_at(api, std::move(target));
    patience.judge(look);
    FollowedRun followed;
    if (look.reply) {
      followed.view = read_run(look.reply->body);
      followed.text = look.reply->text;
      line.show(followed.view);
    }
    if (followed.view.run.finished_at) {
      co_return followed;
    }
    if (look.reply && patience.has_doubts()) {
      co_await judge_job_of(api, followed.view.run, patience);
    }
    co_await pause_for(pause);
    pause = std::min(pause * 2, kPauseMax);
  }
}

}  // namespace rowferry::client
