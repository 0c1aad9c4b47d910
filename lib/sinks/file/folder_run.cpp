#include "sinks/file/folder_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/failpoint.hpp"

namespace rowferry::file {
namespace {

const std::string kLatest(kManifestName);

}  // namespace

void FolderRun::begin(const OpenDecision& decision, const Manifest& blank) const {
  folder_.make();
  for (const std::string& key : decision.leftovers) {
    folder_.remove(key);
  }
  if (decision.older_run) {
    end_older_run(*decision.older_run, blank);
  }
  if (settings_.manifest) {
    check_number(decision, blank);
  }
}

// Its rows are behind the checkpoint: of a change log they are a part, whether the run came to its
// end or not. Before a full copy, which brings them again, they are worth nothing.
void FolderRun::end_older_run(const ObjectReceipt& older, const Manifest& blank) const {
  if (older.folder != place_) {
    return;
  }
  const std::optional<Manifest> latest = read_manifest(kLatest, blank.job);
  const bool ended = (latest && latest->run_seq == older.run_seq) ||
                     folder_.exists(place_ + numbered_manifest_name(older.run_seq));
  if (ended || !settings_.manifest) {
    return;
  }
  if (blank.full) {
    const bool own_keys = settings_.key.has(KeyTemplate::Field::run_seq);
    for (const ObjectEntry& entry : older.objects) {
      if (own_keys) {
        folder_.remove(entry.key);
      }
    }
    return;
  }
  Manifest manifest = blank;
  manifest.full = false;
  manifest.run_seq = older.run_seq;
  manifest.started = older.started;
  manifest.objects = older.objects;
  finish(manifest);
}

void FolderRun::check_number(const OpenDecision& decision, const Manifest& blank) const {
  const std::optional<Manifest> latest = read_manifest(kLatest, blank.job);
  const bool goes_on = decision.receipt.next_part > 1 || !decision.receipt.objects.empty();
  const bool taken =
      latest && (latest->run_seq > blank.run_seq ||
                 (latest->run_seq == blank.run_seq && !latest->objects.empty() && !goes_on));
  if (taken) {
    throw Error(Failure::config,
                fmt::format("{} names run {} of job {}, but by our state this is run {}: the state "
                            "is not the one that wrote it. Put the state's backup in its place, or "
                            "give the job another key",
                            folder_.path_of(place_ + kLatest).string(), latest->run_seq, blank.job,
                            blank.run_seq));
  }
}

void FolderRun::finish(const Manifest& manifest) const {
  for (const ObjectEntry& entry : manifest.objects) {
    const std::optional<std::int64_t> size = folder_.size_of(entry.key);
    if (size != entry.bytes) {
      throw Error(Failure::internal,
                  fmt::format("{} was written with {} bytes and {}: somebody changed it. Ask for a "
                              "full copy (rowferry run --full)",
                              folder_.path_of(entry.key).string(), entry.bytes,
                              size ? fmt::format("now has {}", *size) : "is gone"));
    }
  }
  if (!settings_.manifest || (!manifest.full && manifest.objects.empty())) {
    return;
  }
  const FinishRules rules{settings_.change_log, settings_.key.has(KeyTemplate::Field::run_seq)};
  const FinishPlan plan = plan_finish(manifest, read_folder(manifest), rules);
  if (plan.extra && !folder_.exists(place_ + numbered_manifest_name(plan.extra->run_seq))) {
    write_manifest(numbered_manifest_name(plan.extra->run_seq), *plan.extra);
  }
  if (plan.numbered) {
    write_manifest(numbered_manifest_name(plan.numbered->run_seq), *plan.numbered);
  }
  failpoint("file.manifest.before_send");
  write_manifest(kLatest, plan.latest);
  failpoint("file.manifest.reply_lost");
  for (const std::string& key : plan.delete_objects) {
    folder_.remove(key);
  }
  for (const std::string& name : plan.delete_manifests) {
    folder_.remove(place_ + name);
  }
  failpoint("file.manifest.not_saved");
}

FolderState FolderRun::read_folder(const Manifest& run) const {
  FolderState state;
  state.latest = read_manifest(kLatest, run.job);
  if (!run.full) {
    return state;
  }
  for (const std::string& name : folder_.names(place_)) {
    const std::optional<std::int64_t> number = parse_manifest_number(name);
    std::optional<Manifest> manifest;
    if (number && *number < run.run_seq) {
      manifest = read_manifest(name, run.job);
    }
    if (manifest) {
      state.numbered.push_back(*std::move(manifest));
    }
  }
  std::sort(
      state.numbered.begin(), state.numbered.end(),
      [](const Manifest& left, const Manifest& right) { return left.run_seq < right.run_seq; });
  return state;
}

std::optional<Manifest> FolderRun::read_manifest(const std::string& name,
                                                 const std::string& job) const {
  const std::optional<std::string> text = folder_.read(place_ + name);
  if (!text) {
    return std::nullopt;
  }
  std::optional<Manifest> manifest = decode_manifest(*text);
  if (!manifest) {
    log_.warn("a manifest is not readable; the objects that it named stay",
              {{"file", folder_.path_of(place_ + name).string()}});
    return std::nullopt;
  }
  if (manifest->job != job) {
    throw Error(Failure::config,
                fmt::format("{} is the manifest of job {}: two jobs cannot share one; give job {} "
                            "a key in another folder, or set manifest: false",
                            folder_.path_of(place_ + name).string(), manifest->job, job));
  }
  return manifest;
}

void FolderRun::write_manifest(const std::string& name, const Manifest& manifest) const {
  folder_.write(place_ + name, encode_manifest(manifest));
}

std::int64_t FolderRun::last_run_seq(const std::string& job) const {
  const std::optional<Manifest> latest = read_manifest(kLatest, job);
  std::int64_t last = latest ? latest->run_seq : 0;
  for (const std::string& name : folder_.names(place_)) {
    last = std::max(last, parse_manifest_number(name).value_or(0));
  }
  return last;
}

}  // namespace rowferry::file
