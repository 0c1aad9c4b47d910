#include "tests/support/change_log_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "base/file.hpp"
#include "base/sha256.hpp"
#include "objects/manifest.hpp"
#include "objects/row_digest.hpp"

namespace rowferry::test {
namespace {

namespace json = boost::json;

Manifest read_manifest(const std::filesystem::path& path) {
  std::optional<Manifest> manifest = decode_manifest(read_file(path));
  if (!manifest) {
    throw std::runtime_error("not a manifest: " + path.string());
  }
  return *std::move(manifest);
}

/// The manifests that make up the log, by run.
std::map<std::int64_t, Manifest> read_manifests(const std::filesystem::path& folder) {
  std::map<std::int64_t, Manifest> manifests;
  if (!std::filesystem::exists(folder)) {
    return manifests;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (const auto number = parse_manifest_number(entry.path().filename().string())) {
      manifests.emplace(*number, read_manifest(entry.path()));
    }
  }
  if (manifests.empty() && std::filesystem::exists(folder / kManifestName)) {
    Manifest latest = read_manifest(folder / kManifestName);
    manifests.emplace(latest.run_seq, std::move(latest));
  }
  return manifests;
}

TestRow parse_row(const json::value& value) {
  TestRow row;
  row.id = value.at("id").to_number<std::int64_t>();
  if (value.at("title").is_string()) {
    row.title = std::string(value.at("title").as_string());
  }
  const json::object& object = value.as_object();
  const json::value* operation = object.if_contains("_op");
  if (operation != nullptr && operation->as_string() == "delete") {
    row.operation = Operation::remove;
  }
  return row;
}

struct StampedRow {
  std::int64_t sequence = 0;
  TestRow row;
};

void read_object(const std::filesystem::path& path, const ObjectEntry& entry,
                 std::vector<StampedRow>& rows) {
  const std::string content = read_file(path);
  Sha256 sha256;
  sha256.update(content);
  RowDigest digest;
  std::int64_t count = 0;
  for (std::string_view rest = content; !rest.empty(); ++count) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    digest.add(line);
    const json::value value = json::parse(json::string_view(line.data(), line.size()));
    const json::value* sequence = value.as_object().if_contains("_sequence");
    rows.push_back(
        {sequence == nullptr ? 0 : sequence->to_number<std::int64_t>(), parse_row(value)});
    rest.remove_prefix(end + 1);
  }
  const bool as_said = static_cast<std::int64_t>(content.size()) == entry.bytes &&
                       count == entry.rows && to_hex(sha256.finish()) == entry.sha256 &&
                       digest.to_hex() == entry.digest;
  if (!as_said) {
    throw std::runtime_error(fmt::format("{} is not what its manifest says", path.string()));
  }
}

}  // namespace

ChangeLog read_change_log(const std::filesystem::path& base, const std::string& job,
                          bool by_sequence) {
  ChangeLog log;
  for (const auto& [run_seq, manifest] : read_manifests(base / job)) {
    if (manifest.full) {
      log = {};
    }
    std::vector<StampedRow> rows;
    for (const ObjectEntry& entry : manifest.objects) {
      read_object(base / entry.key, entry, rows);
      log.keys.push_back(entry.key);
    }
    if (by_sequence) {
      std::stable_sort(rows.begin(), rows.end(), [](const auto& left, const auto& right) {
        return left.sequence < right.sequence;
      });
    }
    for (const StampedRow& stamped : rows) {
      apply_rows(log.content, {stamped.row});
    }
    log.rows += rows.size();
  }
  return log;
}

}  // namespace rowferry::test
