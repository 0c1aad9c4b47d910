#include "engine/metrics.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

#include "engine/metric_families.hpp"

namespace rowferry {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr std::array kStates = {JobState::waiting, JobState::running, JobState::backing_off,
                                JobState::paused, JobState::failed};
constexpr std::array kBuiltTypes = {RunType::sync, RunType::full, RunType::sweep, RunType::replay};
constexpr std::array kOutcomes = {RunState::succeeded, RunState::failed, RunState::cancelled};

double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void raise(Counter& counter, std::int64_t& published, std::int64_t total) {
  if (total > published) {
    counter.Increment(static_cast<double>(total - published));
    published = total;
  }
}

}  // namespace

std::string_view to_string(Side side) {
  switch (side) {
    case Side::source:
      return "source";
    case Side::sink:
      return "sink";
    case Side::state:
      return "state";
  }
  return "state";
}

struct JobMetrics::Body {
  Body(MetricFamilies& all, const std::string& job_name)
      : families(all),
        job(job_name),
        rows_read(all.rows_read.Add({{"job", job}})),
        rows_written(all.rows_written.Add({{"job", job}})),
        rows_deleted(all.rows_deleted.Add({{"job", job}})),
        rows_rejected(all.rows_rejected.Add({{"job", job}})),
        bytes_read(all.bytes_read.Add({{"job", job}})),
        bytes_written(all.bytes_written.Add({{"job", job}})),
        run_duration(all.run_duration.Add({{"job", job}}, kRunSeconds)),
        batch_write(all.batch_write.Add({{"job", job}}, kWriteSeconds)),
        lag(all.lag.Add({{"job", job}})),
        last_success(all.last_success.Add({{"job", job}})),
        dead_letters(all.dead_letters.Add({{"job", job}})),
        look_back(all.look_back.Add({{"job", job}})) {
    all.missing_partitions.Add({{"job", job}});
    for (const JobState state : kStates) {
      states[state] = &all.job_state.Add({{"job", job}, {"state", std::string(to_string(state))}});
    }
  }

  MetricFamilies& families;
  std::string job;
  Counters published;
  Counter& rows_read;
  Counter& rows_written;
  Counter& rows_deleted;
  Counter& rows_rejected;
  Counter& bytes_read;
  Counter& bytes_written;
  Histogram& run_duration;
  Histogram& batch_write;
  Gauge& lag;
  Gauge& last_success;
  Gauge& dead_letters;
  Gauge& look_back;
  std::map<JobState, Gauge*> states;
};

JobMetrics::JobMetrics(std::unique_ptr<Body> body) : body_(std::move(body)) {}
JobMetrics::~JobMetrics() = default;

void JobMetrics::publish_totals(const Counters& totals) {
  Counters& published = body_->published;
  raise(body_->rows_read, published.rows_read, totals.rows_read);
  raise(body_->rows_written, published.rows_written, totals.rows_written);
  raise(body_->rows_deleted, published.rows_deleted, totals.rows_deleted);
  raise(body_->rows_rejected, published.rows_rejected, totals.rows_rejected);
  raise(body_->bytes_read, published.bytes_read, totals.bytes_read);
  raise(body_->bytes_written, published.bytes_written, totals.bytes_written);
}

void JobMetrics::count_retry(Side side, std::string_view reason) {
  body_->families.retries
      .Add({{"job", body_->job},
            {"side", std::string(to_string(side))},
            {"reason", std::string(reason)}})
      .Increment();
}

void JobMetrics::count_run(RunType type, RunState outcome,
                           std::chrono::steady_clock::duration duration) {
  body_->families.runs
      .Add({{"job", body_->job},
            {"type", std::string(to_string(type))},
            {"outcome", std::string(to_string(outcome))}})
      .Increment();
  body_->run_duration.Observe(seconds(duration));
}

void JobMetrics::observe_write(std::chrono::steady_clock::duration duration) {
  body_->batch_write.Observe(seconds(duration));
}

void JobMetrics::set_look_back(double seconds) { body_->look_back.Set(seconds); }
void JobMetrics::set_dead_letters(std::size_t rows) {
  body_->dead_letters.Set(static_cast<double>(rows));
}

void JobMetrics::set_state(JobState state) {
  for (const auto& [known, gauge] : body_->states) {
    gauge->Set(known == state ? 1 : 0);
  }
}

void JobMetrics::retire() {
  Body& body = *body_;
  body.families.lag.Remove(&body.lag);
  body.families.last_success.Remove(&body.last_success);
  body.families.dead_letters.Remove(&body.dead_letters);
  body.families.look_back.Remove(&body.look_back);
  for (const auto& [state, gauge] : body.states) {
    body.families.job_state.Remove(gauge);
  }
}

void JobMetrics::set_lag(double seconds) { body_->lag.Set(seconds); }

void JobMetrics::set_last_success(WallTime time) {
  body_->last_success.Set(std::chrono::duration<double>(time.time_since_epoch()).count());
}

struct Metrics::Body {
  prometheus::Registry registry;
  MetricFamilies families{registry};
  std::map<std::string, Gauge*> connections;
  Histogram& state_save = families.state_save.Add({}, kSaveSeconds);
};

Metrics::Metrics(std::string_view version, std::string_view revision)
    : body_(std::make_unique<Body>()) {
  body_->families.build_info
      .Add({{"version", std::string(version)}, {"revision", std::string(revision)}})
      .Set(1);
}

Metrics::~Metrics() = default;

std::unique_ptr<JobMetrics> Metrics::add_job(const std::string& job) {
  MetricFamilies& families = body_->families;
  for (const Side side : {Side::source, Side::sink}) {
    families.retries.Add(
        {{"job", job}, {"side", std::string(to_string(side))}, {"reason", "transient"}});
  }
  for (const RunType type : kBuiltTypes) {
    for (const RunState outcome : kOutcomes) {
      families.runs.Add({{"job", job},
                         {"type", std::string(to_string(type))},
                         {"outcome", std::string(to_string(outcome))}});
    }
  }
  return std::make_unique<JobMetrics>(std::make_unique<JobMetrics::Body>(families, job));
}

void Metrics::add_connection(const std::string& connection) {
  body_->connections[connection] = &body_->families.connection_up.Add({{"connection", connection}});
}

void Metrics::remove_connection(const std::string& connection) {
  const auto found = body_->connections.find(connection);
  if (found != body_->connections.end()) {
    body_->families.connection_up.Remove(found->second);
    body_->connections.erase(found);
  }
}

void Metrics::set_connection_up(const std::string& connection, bool up) {
  const auto found = body_->connections.find(connection);
  if (found != body_->connections.end()) {
    found->second->Set(up ? 1 : 0);
  }
}

void Metrics::observe_state_save(std::chrono::steady_clock::duration duration) {
  body_->state_save.Observe(seconds(duration));
}

std::string Metrics::to_text() const {
  return prometheus::TextSerializer().Serialize(body_->registry.Collect());
}

}  // namespace rowferry
