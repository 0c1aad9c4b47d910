// What is right and wrong about the indexes and triggers of a table.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pq/quote.hpp"
#include "sources/postgres/judgement.hpp"
#include "sources/postgres/stamping.hpp"

namespace rowferry::postgres {
namespace {

using Names = std::vector<std::string>;

// So many partitions or children get a statement of their own.
constexpr std::size_t kNamedMax = 5;

// What an index or a trigger stands on.
struct Relation {
  std::uint32_t oid = 0;
  std::string name;  // quoted
};

Names cursor_and_key(const Judged& judged) {
  Names names = key_of(judged.table, judged.settings);
  const auto cursor = std::ranges::find(names, judged.settings.cursor);
  if (cursor != names.end()) {
    names.erase(cursor);
  }
  names.insert(names.begin(), judged.settings.cursor);
  return names;
}

std::string quoted(const Names& names) {
  Names list;
  for (const std::string& name : names) {
    list.push_back(pq::quote_identifier(name));
  }
  return fmt::format("{}", fmt::join(list, ", "));
}

bool can_be_judged(const Judged& judged) {
  const std::string& cursor = judged.settings.cursor;
  const TableColumn* column = cursor.empty() ? nullptr : judged.table.find(cursor);
  return column != nullptr && has_indexes(judged.table) && is_time(column->type);
}

bool begins_with(const Names& names, const Names& beginning) {
  return names.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), names.begin());
}

// The name of an index on the relation whose columns begin with these; empty: there is none.
std::string find_index(const CatalogFacts& facts, std::uint32_t relation, const Names& columns) {
  for (const IndexFacts& index : facts.indexes) {
    if (index.relation == relation && index.is_valid && !index.is_partial && index.is_ordered &&
        begins_with(index.columns, columns)) {
      return index.name;
    }
  }
  return {};
}

// Where something is missing: the table itself where it has it from top to bottom or not at all,
// else those partitions or children.
template <class HasIt>
std::vector<Relation> missing(const Table& table, const HasIt& has_it) {
  if (has_it(table.oid) && (table.leaves.size() <= 1 || table.kind == "partitioned table")) {
    return {};
  }
  std::vector<Relation> without;
  for (const Leaf& leaf : table.leaves) {
    if (!has_it(leaf.oid)) {
      without.push_back({leaf.oid, leaf.name});
    }
  }
  const bool is_partitioned = table.kind == "partitioned table";
  if (without.size() == table.leaves.size() && (is_partitioned || table.leaves.size() <= 1)) {
    without = {{table.oid, table.from}};
  }
  return without;
}

// One statement a relation, for the first few.
template <class Write>
std::string statements_for(const std::vector<Relation>& relations, const Write& write) {
  Names statements;
  for (std::size_t index = 0; index < std::min(relations.size(), kNamedMax); ++index) {
    statements.push_back(write(relations[index]));
  }
  std::string text = fmt::format("{}", fmt::join(statements, " "));
  if (relations.size() > kNamedMax) {
    text += fmt::format(" -- and so for {} more", relations.size() - kNamedMax);
  }
  return text;
}

std::string where_missing(const Table& table, const std::vector<Relation>& relations) {
  const bool is_whole = relations.size() == 1 && relations.front().oid == table.oid;
  return is_whole ? std::string()
                  : fmt::format(" on {} of {} partitions or children", relations.size(),
                                table.leaves.size());
}

std::string index_statement(const Judged& judged, const Relation& relation) {
  // A partitioned table cannot have one built beside its writers.
  const bool is_parent =
      relation.oid == judged.table.oid && judged.table.kind == "partitioned table";
  return fmt::format("CREATE INDEX{} ON {} ({});", is_parent ? "" : " CONCURRENTLY", relation.name,
                     quoted(cursor_and_key(judged)));
}

std::string moment_for(const TableColumn& cursor, const SourceSettings& settings) {
  switch (cursor.type.element) {
    case ColumnType::timestamp:
      return "clock_timestamp() AT TIME ZONE " + pq::quote_literal(stamp_zone(settings));
    case ColumnType::date:
      return "current_date";
    default:
      return "clock_timestamp()";
  }
}

std::string stamp_statements(const Judged& judged, const std::vector<Relation>& relations) {
  const std::string& cursor = judged.settings.cursor;
  const std::string function = pq::quote_identifier("stamp_" + cursor);
  std::string text = fmt::format(
      "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.{} := {}; "
      "RETURN NEW; END $$; ",
      function, pq::quote_identifier(cursor), moment_for(judged.table.at(cursor), judged.settings));
  return text + statements_for(relations, [&](const Relation& relation) {
           return fmt::format(
               "CREATE TRIGGER {} BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}();",
               function, relation.name, function);
         });
}

Stamping stamping_on(const Judged& judged, std::uint32_t relation, std::string& trigger_name) {
  Stamping best = Stamping::none;
  for (const TriggerFacts& trigger : judged.facts.triggers) {
    const Stamping stamping = trigger.relation == relation
                                  ? stamping_of(trigger, judged.settings.cursor)
                                  : Stamping::none;
    if (stamping > best) {
      best = stamping;
      trigger_name = trigger.name;
    }
  }
  return best;
}

std::string disabled_trigger(const Judged& judged) {
  for (TriggerFacts trigger : judged.facts.triggers) {
    const bool was_disabled = !trigger.is_enabled;
    trigger.is_enabled = true;
    if (was_disabled && stamping_of(trigger, judged.settings.cursor) == Stamping::always) {
      return trigger.name;
    }
  }
  return {};
}

// Of relations that no trigger stamps for sure: how surely at the least.
Finding judge_doubt(const Judged& judged, const std::vector<Relation>& doubtful) {
  const std::string& cursor = judged.settings.cursor;
  const std::string disabled = disabled_trigger(judged);
  if (!disabled.empty()) {
    return {Severity::warning,
            fmt::format("the trigger {} that stamps {} is disabled", disabled, cursor),
            fmt::format("ALTER TABLE {} ENABLE TRIGGER {};", judged.table.from,
                        pq::quote_identifier(disabled))};
  }
  std::string name;
  const Stamping stamping = stamping_on(judged, doubtful.front().oid, name);
  const std::string remedy = stamp_statements(judged, doubtful);
  if (stamping == Stamping::some_columns) {
    return {Severity::warning,
            fmt::format("trigger {} stamps {} only when some columns are updated (UPDATE OF): "
                        "changes of others are not seen",
                        name, cursor),
            remedy};
  }
  if (stamping == Stamping::unclear) {
    return {Severity::warning,
            fmt::format("trigger {} speaks of {}, but it cannot be told whether it stamps it on "
                        "every UPDATE",
                        name, cursor),
            "look at its function; else: " + remedy};
  }
  const ColumnFacts* column = judged.facts.find(cursor);
  const bool has_default = column != nullptr && !column->default_sql.empty();
  const std::string_view reason =
      has_default ? "only its DEFAULT stamps it, on INSERT" : "nothing on the server stamps it";
  return {
      Severity::warning,
      fmt::format("no BEFORE UPDATE trigger stamps {}{}: {}, and an UPDATE that leaves it as it "
                  "is is not seen",
                  cursor, where_missing(judged.table, doubtful), reason),
      remedy};
}

}  // namespace

std::vector<Finding> judge_indexes(const Judged& judged) {
  std::vector<Finding> findings;
  if (!can_be_judged(judged) || key_of(judged.table, judged.settings).empty()) {
    return findings;
  }
  const Names wanted = cursor_and_key(judged);
  const auto has_index = [&](std::uint32_t relation) {
    return !find_index(judged.facts, relation, wanted).empty();
  };
  const std::string list = fmt::format("{}", fmt::join(wanted, ", "));
  const std::vector<Relation> without = missing(judged.table, has_index);
  if (without.empty()) {
    findings.push_back({Severity::ok, fmt::format("an index on ({})", list), ""});
    return findings;
  }
  const std::string half = find_index(judged.facts, without.front().oid, {judged.settings.cursor});
  const std::string remedy = statements_for(
      without, [&](const Relation& relation) { return index_statement(judged, relation); });
  const std::string why =
      half.empty() ? "each poll reads the whole table"
                   : fmt::format(
                         "{} has the cursor alone: rows of one moment are sorted anew for "
                         "each page",
                         half);
  findings.push_back(
      {Severity::warning,
       fmt::format("no index on ({}){}: {}", list, where_missing(judged.table, without), why),
       remedy});
  return findings;
}

std::vector<Finding> judge_storage(const Judged& judged) {
  std::vector<Finding> findings;
  const std::string& name = judged.table.from;
  if (!judged.facts.is_analyzed) {
    findings.push_back({Severity::warning,
                        "the table was never analyzed: the server guesses how to read it",
                        fmt::format("ANALYZE {};", name)});
  }
  if (judged.facts.is_unlogged) {
    findings.push_back({Severity::warning,
                        "the table is unlogged: a crash of the server empties it, and the sink "
                        "keeps its rows",
                        fmt::format("ALTER TABLE {} SET LOGGED;", name)});
  }
  return findings;
}

std::vector<Finding> judge_stamps(const Judged& judged) {
  std::vector<Finding> findings;
  const ColumnFacts* column = judged.facts.find(judged.settings.cursor);
  if (!can_be_judged(judged) || !is_table(judged.table) ||
      (column != nullptr && column->is_generated)) {
    return findings;
  }
  std::string name;
  const auto is_stamped = [&](std::uint32_t relation) {
    return stamping_on(judged, relation, name) == Stamping::always;
  };
  const std::vector<Relation> doubtful = missing(judged.table, is_stamped);
  if (doubtful.empty()) {
    findings.push_back(
        {Severity::ok,
         fmt::format("trigger {} stamps {} on every UPDATE", name, judged.settings.cursor), ""});
  } else {
    findings.push_back(judge_doubt(judged, doubtful));
  }
  return findings;
}

}  // namespace rowferry::postgres
