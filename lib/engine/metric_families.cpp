#include "engine/metric_families.hpp"

namespace rowferry {
namespace {

using prometheus::Registry;

MetricFamilies::Counters& counter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

MetricFamilies::Gauges& gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

MetricFamilies::Histograms& histogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

MetricFamilies::MetricFamilies(Registry& registry)
    : rows_read(counter(registry, "rowferry_rows_read_total",
                        "Rows read from the source whose fate is durable.")),
      rows_written(counter(registry, "rowferry_rows_written_total",
                           "Rows that the sink took as inserts or updates and made durable.")),
      rows_deleted(counter(registry, "rowferry_rows_deleted_total",
                           "Rows that the sink took as deletes and made durable.")),
      rows_rejected(counter(registry, "rowferry_rows_rejected_total",
                            "Rows that were refused for good and went to the dead letters.")),
      bytes_read(counter(registry, "rowferry_bytes_read_total",
                         "Bytes of the cells of the rows that were read.")),
      bytes_written(counter(registry, "rowferry_bytes_written_total",
                            "Bytes that went to the sink, as sent or stored.")),
      retries(counter(registry, "rowferry_retries_total",
                      "Attempts that failed and were made again, and rows that were sent again.")),
      runs(counter(registry, "rowferry_runs_total", "Runs that ended, by type and outcome.")),
      run_duration(histogram(registry, "rowferry_run_duration_seconds",
                             "How long runs took from their start to their end.")),
      batch_write(histogram(registry, "rowferry_batch_write_seconds",
                            "How long the sink took to write a batch.")),
      lag(gauge(registry, "rowferry_lag_seconds",
                "Seconds since the sink was last known to equal the source; 0 before that.")),
      last_success(gauge(registry, "rowferry_last_success_timestamp_seconds",
                         "Unix time at which the job last succeeded, idle polls included.")),
      job_state(gauge(registry, "rowferry_job_state", "1 for the state that the job is in.")),
      missing_partitions(gauge(registry, "rowferry_missing_partitions",
                               "Partitions that are missing, partial or thin in the sink.")),
      dead_letters(gauge(registry, "rowferry_dead_letters", "Dead letters of the job.")),
      look_back(gauge(registry, "rowferry_look_back_seconds",
                      "How far the last poll looked back behind the one before.")),
      connection_up(gauge(registry, "rowferry_connection_up",
                          "Whether the connection answered when it was last asked.")),
      state_save(histogram(registry, "rowferry_state_save_seconds",
                           "How long the state store took to save a checkpoint.")),
      build_info(gauge(registry, "rowferry_build_info",
                       "1; version and revision of the program are the labels.")) {}

}  // namespace rowferry
