#include <algorithm>
#include <array>
#include <optional>

#include "tests/tidy/rules.hpp"

namespace rowferry::tidy {
namespace {

using Names = std::vector<std::string_view>;

/// What a room (a folder below lib, api, or a file of lib itself) may include besides itself.
struct Arrow {
  std::string_view room;
  Names may_include;
};

const std::vector<Arrow>& arrows() {
  static const std::vector<Arrow> kArrows = {
      {"base", {}},
      {"core", {"base"}},
      {"config", {"base", "core"}},
      {"pq", {"base"}},
      {"sqlite", {"base"}},
      {"http", {"base"}},
      {"formats", {"base", "core", "config"}},
      {"transforms", {"base", "core", "config"}},
      {"state", {"base", "core", "config", "pq", "sqlite"}},
      {"objects", {"base", "core", "config", "formats"}},
      {"connections", {"base", "core", "config", "pq", "sqlite", "http"}},
      {"sources",
       {"base", "core", "config", "formats", "objects", "pq", "sqlite", "http", "connections"}},
      {"sinks",
       {"base", "core", "config", "formats", "objects", "pq", "sqlite", "http", "connections"}},
      {"engine", {"base", "core"}},
      {"components",
       {"base", "core", "config", "formats", "objects", "pq", "sqlite", "http", "connections",
        "sources", "sinks", "transforms", "state"}},
      {"api", {"base", "core"}},
  };
  return kArrows;
}

/// A library and the only places that may include it.
struct Home {
  std::string_view header;
  Names places;
};

const std::vector<Home>& homes() {
  static const std::vector<Home> kHomes = {
      {"yaml-cpp/", {"lib/config/"}},
      {"libpq", {"lib/pq/"}},
      {"sqlite3.h", {"lib/sqlite/"}},
      {"boost/beast", {"lib/http/", "api/"}},
      {"prometheus/", {"lib/engine/metric", "api/"}},
  };
  return kHomes;
}

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

/// The room of a file by its path below lib (or of `api/...`): `sinks`, `components`, `api`.
std::string_view room_of(std::string_view path) {
  const std::string_view first = first_part(path);
  return first == path ? path.substr(0, path.find('.')) : first;
}

/// `sinks/elasticsearch` of `sinks/elasticsearch/client.hpp`; empty for files right in the room.
std::string_view sibling_of(std::string_view path) {
  const std::size_t room_end = path.find('/');
  const std::size_t end = path.find('/', std::min(room_end + 1, path.size()));
  return end == std::string_view::npos ? std::string_view{} : path.substr(0, end);
}

bool has_siblings(std::string_view room) { return room == "sources" || room == "sinks"; }

std::optional<std::string> arrow_fault(std::string_view from, std::string_view to) {
  const std::string_view room = room_of(from);
  const std::string_view target = room_of(to);
  if (room == "daemon") {
    return std::nullopt;
  }
  if (room == "api" && target == "engine") {
    return to == "engine/control.hpp"
               ? std::nullopt
               : std::optional<std::string>("of engine, api sees engine/control.hpp only");
  }
  if (room == target) {
    const std::string_view theirs = sibling_of(to);
    const bool sibling = has_siblings(room) && !theirs.empty() && theirs != sibling_of(from);
    return sibling ? std::optional<std::string>("siblings never include one another")
                   : std::nullopt;
  }
  const auto arrow = std::find_if(arrows().begin(), arrows().end(),
                                  [room](const Arrow& known) { return known.room == room; });
  if (arrow == arrows().end()) {
    return "no arrow is known for " + std::string(room) + ": add it to the table";
  }
  const Names& allowed = arrow->may_include;
  if (std::find(allowed.begin(), allowed.end(), target) != allowed.end()) {
    return std::nullopt;
  }
  return std::string(room) + " may not include " + std::string(target);
}

void check_ours(const SourceText& source, std::size_t line, std::string_view to, Violations& out) {
  std::string_view from = source.path;
  if (is_below(from, "lib")) {
    from.remove_prefix(4);
  }
  if (auto fault = arrow_fault(from, to)) {
    out.push_back({source.path, line, *fault + " (" + std::string(to) + ")"});
  }
}

void check_library(const SourceText& source, std::size_t line, std::string_view header,
                   Violations& out) {
  for (const Home& home : homes()) {
    const bool allowed =
        std::any_of(home.places.begin(), home.places.end(),
                    [&source](std::string_view place) { return source.path.starts_with(place); });
    if (header.starts_with(home.header) && !allowed) {
      out.push_back({source.path, line, std::string(header) + " does not belong here"});
    }
  }
}

}  // namespace

void check_includes(const SourceText& source, Violations& out) {
  if (is_below(source.path, "tests")) {
    return;
  }
  for (const Directive& directive : source.directives) {
    const std::string_view text = directive.text;
    const std::size_t open = text.find_first_of("<\"");
    if (!text.starts_with("#include") || open == std::string_view::npos) {
      continue;
    }
    const std::size_t close = text.find_first_of(">\"", open + 1);
    const std::string_view header = text.substr(open + 1, close - open - 1);
    if (text[open] == '"') {
      check_ours(source, directive.line, header, out);
    } else {
      check_library(source, directive.line, header, out);
    }
  }
}

}  // namespace rowferry::tidy
