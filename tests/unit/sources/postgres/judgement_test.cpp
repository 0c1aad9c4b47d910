#include "sources/postgres/judgement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab.hpp"

namespace rowferry::postgres {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

auto finding(Severity severity, const std::string& text, const std::string& remedy) {
  return AllOf(Field(&Finding::severity, severity), Field(&Finding::text, HasSubstr(text)),
               Field(&Finding::remedy, HasSubstr(remedy)));
}
auto ok(const std::string& text) { return finding(Severity::ok, text, ""); }
auto warning(const std::string& text, const std::string& remedy) {
  return finding(Severity::warning, text, remedy);
}
auto wrong(const std::string& text, const std::string& remedy) {
  return finding(Severity::wrong, text, remedy);
}

// The films of the lab with nothing wrong about them.
class Judgement : public testing::Test {
 protected:
  Judgement() {
    lab_.table.columns[2].nullable = false;
    lab_.table.leaves = {leaf(16384, "film_work")};
    facts_.user = "etl";
    facts_.reads_all_stats = true;
    for (const TableColumn& column : lab_.table.columns) {
      facts_.columns.push_back({column.name, "", false, true});
    }
    facts_.indexes = {index("film_work_pkey", {"id"}), index("by_time", {"updated_at", "id"})};
    facts_.indexes[0].is_unique = true;
    facts_.triggers = {trigger(16384)};
  }

  static Leaf leaf(std::uint32_t oid, const std::string& name) {
    Leaf made;
    made.oid = oid;
    made.name = "\"content\".\"" + name + "\"";
    return made;
  }

  static IndexFacts index(const std::string& name, std::vector<std::string> columns,
                          std::uint32_t relation = 16384) {
    IndexFacts made;
    made.relation = relation;
    made.name = name;
    made.columns = std::move(columns);
    made.is_ordered = true;
    return made;
  }

  static TriggerFacts trigger(std::uint32_t relation) {
    TriggerFacts made;
    made.relation = relation;
    made.name = "stamp";
    made.language = "plpgsql";
    made.source = "BEGIN NEW.updated_at := now(); RETURN NEW; END";
    return made;
  }

  // A partitioned table of two partitions.
  void partition() {
    lab_.table.kind = "partitioned table";
    lab_.table.leaves = {leaf(7, "a"), leaf(8, "b")};
    facts_.indexes.clear();
    facts_.triggers.clear();
  }

  [[nodiscard]] Judged judged() const { return {lab_.table, lab_.settings, facts_}; }

  Lab lab_;
  CatalogFacts facts_;
};

TEST_F(Judgement, FindsNothingWrongWithAGoodTable) {
  EXPECT_THAT(judge_names(judged()), IsEmpty());
  EXPECT_THAT(judge_columns(judged()), ElementsAre(ok("key id: unique"), ok("cursor updated_at")));
  EXPECT_THAT(judge_privileges(judged()), ElementsAre(ok("etl may read it")));
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(ok("an index on (updated_at, id)")));
  EXPECT_THAT(judge_stamps(judged()), ElementsAre(ok("trigger stamp stamps updated_at")));
  EXPECT_THAT(judge_storage(judged()), IsEmpty());
  EXPECT_EQ(judge_late_commits(judged(), Mode::exact).severity, Severity::ok);
}

TEST_F(Judgement, NamesEveryMissingColumnWithTheNearestOne) {
  lab_.settings.columns = {"id", "titel"};
  lab_.settings.key = {"di"};
  lab_.settings.cursor = "updated";
  lab_.settings.deleted_column = "deleted_at";
  EXPECT_THAT(judge_names(judged()),
              ElementsAre(wrong("no column titel (source.columns); it has: id, title, updated_at",
                                "did you mean title?"),
                          wrong("no column di (source.key)", "did you mean id?"),
                          wrong("no column updated (source.cursor)", "did you mean updated_at?"),
                          wrong("no column deleted_at (source.deleted.column)", "correct")));
  EXPECT_THAT(judge_columns(judged()), IsEmpty()) << "said already";
  EXPECT_THAT(judge_indexes(judged()), IsEmpty());
}

TEST_F(Judgement, ChangesNeedAKey) {
  lab_.table.key.clear();
  EXPECT_THAT(judge_columns(judged()),
              ElementsAre(wrong("no primary key", "source.key"), ok("cursor")));
  EXPECT_THAT(judge_indexes(judged()), IsEmpty());
  lab_.settings.cursor.clear();
  EXPECT_THAT(judge_columns(judged()), ElementsAre(ok("rows have no identity")));
}

TEST_F(Judgement, AKeyMustBeUniqueAndNeverNull) {
  facts_.indexes[0].is_partial = true;
  lab_.table.columns[0].nullable = true;
  EXPECT_THAT(
      judge_columns(judged()),
      ElementsAre(
          warning("no unique index",
                  "CREATE UNIQUE INDEX CONCURRENTLY ON \"content\".\"film_work\" (\"id\");"),
          warning("id may be NULL",
                  "ALTER TABLE \"content\".\"film_work\" ALTER COLUMN \"id\" SET NOT NULL;"),
          ok("cursor")));
}

TEST_F(Judgement, AnIndexOfTheParentSaysNothingOfItsChildren) {
  lab_.table.leaves.push_back(leaf(8, "child"));
  EXPECT_THAT(judge_columns(judged()),
              ElementsAre(warning("each of its children", "no two"), ok("cursor")));
}

TEST_F(Judgement, ViewsAreTakenOnTrust) {
  lab_.table.kind = "view";
  lab_.table.is_heap = false;
  lab_.table.columns[0].nullable = true;
  lab_.table.columns[2].nullable = true;
  EXPECT_THAT(judge_columns(judged()), ElementsAre(ok("taken on trust")));
  EXPECT_THAT(judge_indexes(judged()), IsEmpty());
  EXPECT_THAT(judge_stamps(judged()), IsEmpty());
  EXPECT_THAT(judge_late_commits(judged(), Mode::overlap), warning("a view", "overlap"));
}

TEST_F(Judgement, MaterializedViewsHaveIndexesButNoTriggers) {
  lab_.table.kind = "materialized view";
  lab_.table.columns[0].nullable = true;
  facts_.triggers.clear();
  EXPECT_THAT(judge_columns(judged()), ElementsAre(ok("key id: unique"), ok("cursor")));
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(ok("an index")));
  EXPECT_THAT(judge_stamps(judged()), IsEmpty());
}

TEST_F(Judgement, TheCursorMustBeATime) {
  lab_.table.columns[2] = make_column("updated_at", ColumnType::int64, "bigint");
  EXPECT_THAT(judge_columns(judged()),
              ElementsAre(ok("key"), wrong("updated_at is bigint, and no time", "source.cursor")));
  EXPECT_THAT(judge_indexes(judged()), IsEmpty());
  EXPECT_THAT(judge_stamps(judged()), IsEmpty());
}

TEST_F(Judgement, ATimeWithoutZoneIsLookedBackAtFurther) {
  lab_.table.columns[2] =
      make_column("updated_at", ColumnType::timestamp, "timestamp without time zone");
  facts_.triggers.clear();
  EXPECT_THAT(
      judge_columns(judged()),
      ElementsAre(ok("key"),
                  warning("26 hours", "TYPE timestamptz USING \"updated_at\"::timestamp AT TIME"),
                  warning("may be NULL", "SET DEFAULT (now() AT TIME ZONE 'UTC')")));
  EXPECT_THAT(judge_stamps(judged()),
              ElementsAre(warning("", ":= clock_timestamp() AT TIME ZONE 'UTC';")));
}

TEST_F(Judgement, OnlyATimeWithoutZoneHasOneConfigured) {
  lab_.settings.cursor_timezone = "America/New_York";
  EXPECT_THAT(judge_columns(judged()),
              Contains(wrong("source.cursor_timezone is for", "take source.cursor_timezone out")));
  lab_.table.columns[2] =
      make_column("updated_at", ColumnType::timestamp, "timestamp without time zone");
  EXPECT_THAT(judge_columns(judged()), Contains(ok("read as the time of America/New_York")));
}

TEST_F(Judgement, ANullableCursorIsMended) {
  lab_.table.columns[2].nullable = true;
  EXPECT_THAT(
      judge_columns(judged()),
      ElementsAre(ok("key"), warning("cursor updated_at may be NULL",
                                     "UPDATE \"content\".\"film_work\" SET \"updated_at\" = now() "
                                     "WHERE \"updated_at\" IS NULL; ALTER TABLE")));
}

TEST_F(Judgement, AGeneratedCursorMovesOnlyWithItsColumns) {
  facts_.columns[2] = {"updated_at", "greatest(a, b)", true, true};
  EXPECT_THAT(judge_columns(judged()), ElementsAre(ok("key"), warning("generated", "cursor")));
  EXPECT_THAT(judge_stamps(judged()), IsEmpty());
}

TEST_F(Judgement, SaysTheGrant) {
  facts_.is_readable = false;
  facts_.columns[1].is_readable = false;
  const auto granted = finding(Severity::refused, "etl may not read content.film_work: title",
                               "GRANT SELECT ON \"content\".\"film_work\" TO \"etl\";");
  EXPECT_THAT(judge_privileges(judged()), ElementsAre(granted));
  lab_.settings.columns = {"id"};
  EXPECT_THAT(judge_privileges(judged()),
              ElementsAre(finding(Severity::refused, "not the transaction id", "GRANT SELECT ON")));
}

TEST_F(Judgement, WarnsOfHiddenRowsAndPartitions) {
  facts_.hides_rows = true;
  lab_.table.leaves_are_readable = false;
  EXPECT_THAT(judge_privileges(judged()),
              ElementsAre(ok(""), warning("partition", "GRANT SELECT ON \"content\".\"film_work\""),
                          warning("row level security", "BYPASSRLS")));
}

TEST_F(Judgement, AsksForTheIndexOfThePages) {
  const std::string statement =
      "CREATE INDEX CONCURRENTLY ON \"content\".\"film_work\" (\"updated_at\", \"id\");";
  facts_.indexes[1].columns = {"updated_at"};
  EXPECT_THAT(judge_indexes(judged()),
              ElementsAre(warning("by_time has the cursor alone", statement)));
  facts_.indexes[1].columns = {"id", "updated_at"};
  EXPECT_THAT(judge_indexes(judged()),
              ElementsAre(warning("no index on (updated_at, id): each poll reads the whole table",
                                  statement)));
}

TEST_F(Judgement, AnIndexThatCannotServeDoesNotCount) {
  const std::vector<IndexFacts> good = facts_.indexes;
  facts_.indexes[1].is_valid = false;
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(warning("no index", "CREATE INDEX")));
  facts_.indexes = good;
  facts_.indexes[1].is_partial = true;
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(warning("no index", "CREATE INDEX")));
  facts_.indexes = good;
  facts_.indexes[1].is_ordered = false;
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(warning("no index", "CREATE INDEX")));
  facts_.indexes = good;
  facts_.indexes[1].columns = {"updated_at", "id", "title"};
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(ok("an index")));
}

TEST_F(Judgement, APartitionedTableHasItsIndexAsAWhole) {
  partition();
  const auto whole = warning("no index on (updated_at, id): each",
                             "CREATE INDEX ON \"content\".\"film_work\" (\"updated_at\", \"id\");");
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(whole));
  facts_.indexes = {index("a_idx", {"updated_at", "id"}, 7)};
  EXPECT_THAT(judge_indexes(judged()),
              ElementsAre(warning("on 1 of 2 partitions",
                                  "CREATE INDEX CONCURRENTLY ON \"content\".\"b\"")));
  facts_.indexes.push_back(index("b_idx", {"updated_at", "id"}, 8));
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(ok("an index")));
  facts_.indexes = {index("whole_idx", {"updated_at", "id"})};
  EXPECT_THAT(judge_indexes(judged()), ElementsAre(ok("an index")));
}

TEST_F(Judgement, ManyPartitionsAreNotAllNamed) {
  partition();
  for (std::uint32_t oid = 100; oid < 200; ++oid) {
    lab_.table.leaves.push_back(leaf(oid, "p" + std::to_string(oid)));
  }
  facts_.indexes = {index("a_idx", {"updated_at", "id"}, 7)};
  const std::vector<Finding> found = judge_indexes(judged());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].remedy, AllOf(HasSubstr("\"p102\""), Not(HasSubstr("\"p150\"")),
                                     HasSubstr("and so for 96 more")));
}

TEST_F(Judgement, AsksForTheTrigger) {
  facts_.triggers.clear();
  const std::string statements =
      "CREATE OR REPLACE FUNCTION \"stamp_updated_at\"() RETURNS trigger LANGUAGE plpgsql AS $$ "
      "BEGIN NEW.\"updated_at\" := clock_timestamp(); RETURN NEW; END $$; CREATE TRIGGER "
      "\"stamp_updated_at\" BEFORE UPDATE ON \"content\".\"film_work\" FOR EACH ROW EXECUTE "
      "FUNCTION \"stamp_updated_at\"();";
  EXPECT_THAT(judge_stamps(judged()),
              ElementsAre(warning("nothing on the server stamps it", statements)));
  facts_.columns[2].default_sql = "now()";
  EXPECT_THAT(judge_stamps(judged()), ElementsAre(warning("only its DEFAULT", statements)));
}

TEST_F(Judgement, DoubtsTriggers) {
  facts_.triggers[0].is_for_some_columns = true;
  EXPECT_THAT(judge_stamps(judged()), ElementsAre(warning("UPDATE OF", "CREATE TRIGGER")));
  facts_.triggers = {trigger(16384)};
  facts_.triggers[0].language = "plperl";
  EXPECT_THAT(judge_stamps(judged()), ElementsAre(warning("cannot be told", "its function")));
  facts_.triggers = {trigger(16384)};
  facts_.triggers[0].is_enabled = false;
  EXPECT_THAT(judge_stamps(judged()),
              ElementsAre(warning("stamp that stamps updated_at is disabled",
                                  "ALTER TABLE \"content\".\"film_work\" ENABLE TRIGGER")));
}

TEST_F(Judgement, ATriggerMustStandOnEachPartition) {
  partition();
  facts_.triggers = {trigger(7)};
  EXPECT_THAT(judge_stamps(judged()),
              ElementsAre(warning("on 1 of 2 partitions", "BEFORE UPDATE ON \"content\".\"b\"")));
  facts_.triggers = {trigger(16384), trigger(7), trigger(8)};
  EXPECT_THAT(judge_stamps(judged()), ElementsAre(ok("stamp")));
}

TEST_F(Judgement, ExplainsWhyLateCommitsAreNotExact) {
  facts_.reads_all_stats = false;
  EXPECT_THAT(judge_late_commits(judged(), Mode::overlap),
              warning("more than 10m after their stamp are lost (etl lacks pg_read_all_stats)",
                      "GRANT pg_read_all_stats TO \"etl\";"));
  facts_.is_standby = true;
  EXPECT_THAT(judge_late_commits(judged(), Mode::overlap), warning("standby", "primary"));
  facts_ = CatalogFacts{};
  facts_.reads_all_stats = true;
  EXPECT_THAT(judge_late_commits(judged(), Mode::overlap), warning("", "track_activities = on"));
  EXPECT_THAT(judge_late_commits(judged(), Mode::off), warning("is lost", "exact"));
  lab_.settings.late_commits = LateCommits::overlap;
  EXPECT_THAT(judge_late_commits(judged(), Mode::overlap), ok("overlap"));
}

TEST_F(Judgement, WarnsOfStorage) {
  facts_.is_analyzed = false;
  facts_.is_unlogged = true;
  EXPECT_THAT(judge_storage(judged()),
              ElementsAre(warning("never analyzed", "ANALYZE \"content\".\"film_work\";"),
                          warning("unlogged", "SET LOGGED;")));
}

}  // namespace
}  // namespace rowferry::postgres
