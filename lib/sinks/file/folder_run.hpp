#pragma once

#include <cstdint>
#include <string>

#include "base/log.hpp"
#include "objects/manifest.hpp"
#include "objects/object_progress.hpp"
#include "objects/object_settings.hpp"
#include "sinks/file/object_folder.hpp"

namespace rowferry::file {

/// The blocking work at both ends of a run: clearing what an interrupted one left, and writing the
/// manifest.
class FolderRun {
 public:
  /// All must outlive it. `manifest_folder` is where the manifests of this job and table are.
  FolderRun(const ObjectFolder& folder, const ObjectSettings& settings, Log& log,
            std::string manifest_folder)
      : folder_(folder), settings_(settings), log_(log), place_(std::move(manifest_folder)) {}

  /// Deletes leftovers, ends an older run that never came to `finish`, and makes sure that this
  /// run's number is its own. `blank` is a manifest of this run without objects.
  void begin(const OpenDecision& decision, const Manifest& blank) const;

  /// Sees every object, then writes the manifests, then deletes what they no longer need.
  void finish(const Manifest& manifest) const;

  /// The greatest run_seq that the manifests of this job name.
  [[nodiscard]] std::int64_t last_run_seq(const std::string& job) const;

 private:
  void end_older_run(const ObjectReceipt& older, const Manifest& blank) const;
  void check_number(const OpenDecision& decision, const Manifest& blank) const;
  [[nodiscard]] std::optional<Manifest> read_manifest(const std::string& name,
                                                      const std::string& job) const;
  [[nodiscard]] FolderState read_folder(const Manifest& run) const;
  void write_manifest(const std::string& name, const Manifest& manifest) const;

  const ObjectFolder& folder_;
  const ObjectSettings& settings_;
  Log& log_;
  std::string place_;
};

}  // namespace rowferry::file
