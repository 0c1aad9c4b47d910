#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "sources/postgres/mark.hpp"

namespace rowferry::postgres {
namespace {

namespace json = boost::json;

json::array texts_json(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) {
    array.emplace_back(text);
  }
  return array;
}

json::object mark_json(const Mark& mark) {
  json::object object{{"low", mark.low}};
  if (mark.xmin != 0) {
    object["xmin"] = mark.xmin;
    object["seen"] = json::array(mark.seen.begin(), mark.seen.end());
    object["incarnation"] = mark.incarnation;
  }
  if (!mark.log_end.empty()) {
    object["log_end"] = mark.log_end;
  }
  return object;
}

json::object pages_json(const PageProgress& pages) {
  json::object object{
      {"nulls", pages.nulls}, {"cursor", pages.cursor}, {"key", texts_json(pages.key)}};
  if (pages.keyless) {
    object["keyless"] = true;
  }
  if (pages.unbounded) {
    object["unbounded"] = true;
  }
  return object;
}

json::object definition_json(const Definition& definition) {
  json::array columns;
  for (const Definition::Column& column : definition.columns) {
    columns.push_back(json::array{column.name, column.type});
  }
  json::object object{{"columns", std::move(columns)},
                      {"key", texts_json(definition.key)},
                      {"cursor", definition.cursor}};
  if (!definition.relation.empty()) {
    object["relation"] = definition.relation;
    object["leaves"] = json::array(definition.leaves.begin(), definition.leaves.end());
  }
  return object;
}

json::object copy_json(const CopyProgress& copy) {
  json::array leaves;
  for (const auto& leaf : copy.leaves) {
    leaves.push_back(json::object{
        {"oid", leaf.oid}, {"file", leaf.file}, {"blocks", leaf.blocks}, {"next", leaf.next}});
  }
  json::array open;
  for (const OpenRange& range : copy.open) {
    open.push_back(json::array{range.leaf, range.after.block, range.after.offset, range.end});
  }
  json::object object{{"leaves", std::move(leaves)}, {"open", std::move(open)}};
  if (copy.by_key) {
    object["key"] = texts_json(copy.key);
  }
  if (copy.removes_unselected) {
    object["removes_unselected"] = true;
  }
  if (!copy.incarnation.empty()) {
    object["incarnation"] = copy.incarnation;
  }
  return object;
}

json::object sweeping_json(const SweepProgress& sweeping) {
  return {{"run_started", sweeping.run_started},
          {"mark", mark_json(sweeping.mark)},
          {"key", texts_json(sweeping.key)}};
}

json::object tombstones_json(const TombstoneProgress& tombstones) {
  json::object object{{"table", tombstones.table}, {"done", mark_json(tombstones.done)}};
  if (tombstones.doing) {
    object["doing"] = mark_json(*tombstones.doing);
  }
  if (tombstones.pages) {
    object["pages"] = pages_json(*tombstones.pages);
  }
  return object;
}

std::vector<std::string> texts_of(const json::value& value) {
  std::vector<std::string> texts;
  for (const json::value& item : value.as_array()) {
    texts.emplace_back(item.as_string());
  }
  return texts;
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

Mark mark_of(const json::value& value) {
  const json::object& object = value.as_object();
  Mark mark;
  mark.low = text_of(object.at("low"));
  if (object.contains("xmin")) {
    mark.xmin = object.at("xmin").to_number<FullXid>();
    for (const json::value& xid : object.at("seen").as_array()) {
      mark.seen.push_back(xid.to_number<FullXid>());
    }
    mark.incarnation = text_of(object.at("incarnation"));
  }
  if (const json::value* log_end = object.if_contains("log_end")) {
    mark.log_end = text_of(*log_end);
  }
  return mark;
}

PageProgress pages_of(const json::value& value) {
  const json::object& object = value.as_object();
  PageProgress pages;
  pages.nulls = object.at("nulls").as_bool();
  pages.cursor = text_of(object.at("cursor"));
  pages.key = texts_of(object.at("key"));
  pages.keyless = object.contains("keyless");
  pages.unbounded = object.contains("unbounded");
  return pages;
}

SweepProgress sweeping_of(const json::value& value) {
  const json::object& object = value.as_object();
  SweepProgress sweeping;
  sweeping.run_started = object.at("run_started").to_number<std::int64_t>();
  sweeping.mark = mark_of(object.at("mark"));
  sweeping.key = texts_of(object.at("key"));
  return sweeping;
}

TombstoneProgress tombstones_of(const json::value& value) {
  const json::object& object = value.as_object();
  TombstoneProgress tombstones;
  tombstones.table = text_of(object.at("table"));
  tombstones.done = mark_of(object.at("done"));
  if (const json::value* doing = object.if_contains("doing")) {
    tombstones.doing = mark_of(*doing);
  }
  if (const json::value* pages = object.if_contains("pages")) {
    tombstones.pages = pages_of(*pages);
  }
  return tombstones;
}

Definition definition_of(const json::value& value) {
  const json::object& object = value.as_object();
  Definition definition;
  for (const json::value& column : object.at("columns").as_array()) {
    definition.columns.push_back({text_of(column.at(0)), text_of(column.at(1))});
  }
  definition.key = texts_of(object.at("key"));
  definition.cursor = text_of(object.at("cursor"));
  if (const json::value* relation = object.if_contains("relation")) {
    definition.relation = text_of(*relation);
    for (const json::value& leaf : object.at("leaves").as_array()) {
      definition.leaves.push_back(leaf.to_number<std::uint32_t>());
    }
  }
  return definition;
}

CopyProgress copy_of(const json::value& value) {
  const json::object& object = value.as_object();
  CopyProgress copy;
  for (const json::value& item : object.at("leaves").as_array()) {
    CopyProgress::LeafProgress leaf;
    leaf.oid = item.at("oid").to_number<std::uint32_t>();
    leaf.file = text_of(item.at("file"));
    leaf.blocks = item.at("blocks").to_number<std::uint32_t>();
    leaf.next = item.at("next").to_number<std::uint32_t>();
    copy.leaves.push_back(std::move(leaf));
  }
  for (const json::value& item : object.at("open").as_array()) {
    OpenRange range;
    range.leaf = item.at(0).to_number<std::uint32_t>();
    range.after.block = item.at(1).to_number<std::uint32_t>();
    range.after.offset = item.at(2).to_number<std::uint16_t>();
    range.end = item.at(3).to_number<std::uint32_t>();
    copy.open.push_back(range);
  }
  copy.by_key = object.contains("key");
  if (copy.by_key) {
    copy.key = texts_of(object.at("key"));
  }
  copy.removes_unselected = object.contains("removes_unselected");
  if (const json::value* incarnation = object.if_contains("incarnation")) {
    copy.incarnation = text_of(*incarnation);
  }
  return copy;
}

SourcePosition position_of(const json::object& object) {
  SourcePosition position;
  if (const json::value* done = object.if_contains("done")) {
    position.done = mark_of(*done);
  }
  if (const json::value* doing = object.if_contains("doing")) {
    position.doing = mark_of(*doing);
  }
  if (const json::value* pages = object.if_contains("pages")) {
    position.pages = pages_of(*pages);
  }
  if (const json::value* copy = object.if_contains("copy")) {
    position.copy = copy_of(*copy);
  }
  position.sweep = object.contains("sweep");
  if (const json::value* swept = object.if_contains("swept")) {
    position.swept = mark_of(*swept);
  }
  if (const json::value* sweeping = object.if_contains("sweeping")) {
    position.sweeping = sweeping_of(*sweeping);
  }
  if (const json::value* tombstones = object.if_contains("tombstones")) {
    position.tombstones = tombstones_of(*tombstones);
  }
  position.full = object.contains("full");
  position.unverified = object.contains("unverified");
  if (const json::value* definition = object.if_contains("definition")) {
    position.definition = definition_of(*definition);
  }
  return position;
}

}  // namespace

Position encode(const SourcePosition& position) {
  json::object object;
  if (position.done) {
    object["done"] = mark_json(*position.done);
  }
  if (position.doing) {
    object["doing"] = mark_json(*position.doing);
  }
  if (position.pages) {
    object["pages"] = pages_json(*position.pages);
  }
  if (position.copy) {
    object["copy"] = copy_json(*position.copy);
  }
  if (position.sweep) {
    object["sweep"] = true;
  }
  if (position.swept) {
    object["swept"] = mark_json(*position.swept);
  }
  if (position.sweeping) {
    object["sweeping"] = sweeping_json(*position.sweeping);
  }
  if (position.tombstones) {
    object["tombstones"] = tombstones_json(*position.tombstones);
  }
  if (position.full) {
    object["full"] = true;
  }
  if (position.unverified) {
    object["unverified"] = true;
  }
  if (position.definition) {
    object["definition"] = definition_json(*position.definition);
  }
  return Position{json::serialize(object)};
}

SourcePosition decode(const Position& position) {
  if (position.empty()) {
    return {};
  }
  try {
    return position_of(json::parse(position.json).as_object());
  } catch (const std::exception& error) {
    throw Error(Failure::internal,
                fmt::format("the checkpoint is not one of a PostgreSQL source ({}): restore it, or "
                            "start over with a full run",
                            error.what()));
  }
}

}  // namespace rowferry::postgres
