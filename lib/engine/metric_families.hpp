#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace rowferry {

inline const prometheus::Histogram::BucketBoundaries kRunSeconds = {
    0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600};
inline const prometheus::Histogram::BucketBoundaries kWriteSeconds = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
inline const prometheus::Histogram::BucketBoundaries kSaveSeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

/// Every metric family of the program with its HELP.
struct MetricFamilies {
  using Counters = prometheus::Family<prometheus::Counter>;
  using Gauges = prometheus::Family<prometheus::Gauge>;
  using Histograms = prometheus::Family<prometheus::Histogram>;

  explicit MetricFamilies(prometheus::Registry& registry);

  Counters& rows_read;
  Counters& rows_written;
  Counters& rows_deleted;
  Counters& rows_rejected;
  Counters& bytes_read;
  Counters& bytes_written;
  Counters& retries;
  Counters& runs;
  Histograms& run_duration;
  Histograms& batch_write;
  Gauges& lag;
  Gauges& last_success;
  Gauges& job_state;
  Gauges& missing_partitions;
  Gauges& dead_letters;
  Gauges& look_back;
  Gauges& connection_up;
  Histograms& state_save;
  Gauges& build_info;
};

}  // namespace rowferry
