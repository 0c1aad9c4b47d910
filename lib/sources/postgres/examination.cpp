#include "sources/postgres/examination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "config/nearest_word.hpp"
#include "connections/postgres/server_examination.hpp"
#include "sources/postgres/decoder.hpp"
#include "sources/postgres/judge_tombstones.hpp"
#include "sources/postgres/judgement.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/planned_reading.hpp"
#include "sources/postgres/postgres_source.hpp"
#include "sources/postgres/sample_rows.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::string_view kInsufficientPrivilege = "42501";
// A missing schema, table, column or function.
constexpr auto kMissing = std::to_array<std::string_view>({"3F000", "42P01", "42703", "42883"});

// What an EXPLAIN is for, as it stands before the server's words in an error.
constexpr std::string_view kExplaining = "explaining a statement: ";

pq::Statement asking(std::string purpose, std::string sql) {
  pq::Statement statement;
  statement.purpose = std::move(purpose);
  statement.sql = std::move(sql);
  return statement;
}

// A run waits for what is missing; who checks wants to know that it is.
Finding finding_of_refusal(const Error& error) {
  Finding finding = connections::finding_of_failure(error);
  if (std::ranges::find(kMissing, error.reason()) != kMissing.end()) {
    finding.severity = Severity::wrong;
  }
  return finding;
}

// Without what is configured of columns, so that all of them are known when some do not exist.
SourceSettings bare(SourceSettings settings) {
  settings.columns.clear();
  settings.key.clear();
  settings.cursor.clear();
  settings.deleted_column.clear();
  return settings;
}

// Sets transactions of a session read-only, and back. Never throws.
Task<> set_read_only(pq::Session& session, bool read_only) {
  pq::Statement statement;
  statement.purpose = "beginning an examination";
  statement.sql =
      read_only ? "SET default_transaction_read_only = on" : "RESET default_transaction_read_only";
  if (!session.usable() || session.in_transaction()) {
    co_return;
  }
  try {
    co_await session.execute(statement);
  } catch (const Error&) {
    // The session is of no use then, and the next statement says why.
  }
}

}  // namespace

// What is found out step by step.
struct Examination::Knowledge {
  explicit Knowledge(const Runtime& runtime)
      : context{.job = {},
                .unit = {},
                .window = {},
                .limits = {},
                .stop = StopToken(runtime.executor),
                .save_receipt = {}},
        stop(runtime.executor) {}

  [[nodiscard]] Pass pass(const SourceSettings& settings, connections::PostgresConnection& server) {
    return pass_over(*plan, settings, server);
  }
  [[nodiscard]] Pass pass_over(const ReadingPlan& reading, const SourceSettings& settings,
                               connections::PostgresConnection& server) {
    return Pass{settings,
                server,
                incarnations,
                reading.table,
                reading.schema,
                context,
                reading.mode,
                stop,
                false,
                {},
                reading.by_standby ? server.primary() : nullptr};
  }

  Table table;
  CatalogFacts facts;
  bool may_read = true;
  std::optional<ReadingPlan> plan;
  Mark base;
  Incarnations incarnations;
  RunContext context;
  StopToken stop;
};

Examination::Examination(const SourceSettings& settings, connections::PostgresConnection& server,
                         const Runtime& runtime, SourceExaminationRequest request)
    : settings_(settings),
      server_(server),
      request_(request),
      known_(std::make_unique<Knowledge>(runtime)) {
  known_->context.limits = request.limits;
}

Examination::~Examination() = default;

Task<SourceExamination> Examination::run() {
  try {
    connections::Lease lease = co_await server_.borrow(connections::Priority::live);
    co_await set_read_only(*lease, true);
    co_await examine(*lease);
    co_await set_read_only(*lease, false);
  } catch (const Error& error) {
    note(finding_of_refusal(error));
  }
  co_return std::move(result_);
}

// One finding once: several statements may meet the same refusal.
void Examination::note(Finding finding) {
  const auto& known = result_.findings;
  if (std::ranges::find(known, finding.text, &Finding::text) == known.end()) {
    result_.findings.push_back(std::move(finding));
  }
}

void Examination::note_all(std::vector<Finding> findings) {
  for (Finding& finding : findings) {
    note(std::move(finding));
  }
}

Task<> Examination::examine(pq::Session& session) {
  const bool is_there = co_await describe(session);
  if (!is_there) {
    co_return;
  }
  co_await judge(session);
  if (!settings_.where.empty()) {
    co_await check_where(session);
  }
  const bool can_be_planned = std::ranges::none_of(
      result_.findings, [](const Finding& found) { return found.severity == Severity::wrong; });
  if (can_be_planned) {
    co_await plan(session);
  }
  note_table();
}

// False when there is no such table, or it may not be looked at.
Task<bool> Examination::describe(pq::Session& session) {
  std::optional<Error> failure;
  const SourceSettings all_columns = bare(settings_);
  try {
    Table table = co_await describe_table(session, all_columns);
    known_->table = std::move(table);
  } catch (const Error& error) {
    failure = error;
  }
  if (!failure) {
    co_return true;
  }
  Finding finding = finding_of_refusal(*failure);
  if (!settings_.query.empty()) {
    finding.remedy = "correct source.query";
  } else if (failure->reason() == "42P01" || failure->reason() == "3F000") {
    const std::vector<std::string> names = co_await read_table_names(session);
    const std::string nearest = config::nearest_word(settings_.table, names);
    finding.remedy = nearest.empty()
                         ? "create it, or correct source.table"
                         : fmt::format("did you mean {}? correct source.table", nearest);
  }
  note(std::move(finding));
  co_return false;
}

Task<> Examination::judge(pq::Session& session) {
  CatalogFacts facts = co_await read_catalog_facts(session, known_->table);
  known_->facts = std::move(facts);
  const Judged judged{known_->table, settings_, known_->facts};
  note_all(judge_names(judged));
  std::vector<Finding> privileges = judge_privileges(judged);
  known_->may_read = !has_fault(privileges);
  note_all(std::move(privileges));
  note_all(judge_columns(judged));
  note_all(judge_indexes(judged));
  note_all(judge_stamps(judged));
  note_all(judge_storage(judged));
}

// Apart from everything else, so that its faults are told beside theirs.
Task<> Examination::check_where(pq::Session& session) {
  std::optional<Error> failure;
  std::string sql =
      fmt::format("SELECT FROM {} AS t WHERE ({}\n)", known_->table.from, settings_.where);
  try {
    co_await explain(session, std::move(sql), "");
  } catch (const Error& error) {
    failure = error;
  }
  if (!failure || failure->reason() == kInsufficientPrivilege) {
    co_return;
  }
  Finding finding = finding_of_refusal(*failure);
  if (finding.severity == Severity::wrong) {
    const std::size_t words = finding.text.find(kExplaining);
    const std::size_t begin = words == std::string::npos ? 0 : words + kExplaining.size();
    finding.text = "source.where: " + finding.text.substr(begin);
    finding.remedy = "correct source.where";
  }
  note(std::move(finding));
}

Task<std::string> Examination::explain(pq::Session& session, std::string sql,
                                       std::string settings) {
  const pq::Statement statement =
      asking("explaining a statement", fmt::format("BEGIN READ ONLY;{} EXPLAIN {}", settings, sql));
  std::optional<Error> failure;
  pq::Result found;
  try {
    pq::Result answer = co_await session.query(statement);
    found = std::move(answer);
  } catch (const Error& error) {
    failure = error;
  }
  if (session.usable() && session.in_transaction()) {
    const pq::Statement end = asking("ending an EXPLAIN", "ROLLBACK");
    co_await session.execute(end);
  }
  if (failure) {
    throw Error(*failure);
  }
  std::string text;
  for (int row = 0; row < found.rows(); ++row) {
    text += std::string(found.text(row, 0)) + "\n";
  }
  co_return text;
}

Task<> Examination::plan(pq::Session& session) {
  std::optional<Error> failure;
  try {
    ReadingPlan plan = co_await plan_reading(session, settings_, server_);
    known_->plan = std::move(plan);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    note(finding_of_refusal(*failure));
    co_return;
  }
  result_.schema = known_->plan->schema;
  const Judged judged{known_->table, settings_, known_->facts};
  if (known_->plan->mode != Mode::full) {
    note(judge_late_commits(judged, known_->plan->mode));
  }
  if (known_->may_read) {
    co_await take_base(session);
    co_await estimate(session);
    co_await explain(session);
  }
  if (request_.depth == Depth::plan) {
    const Pass pass = known_->pass(settings_, server_);
    const PlannedReading planned{pass, *known_->plan, known_->base};
    result_.ways = reading_ways(planned);
    result_.columns = planned_columns(*known_->plan, settings_);
    result_.buffers = reading_buffers(planned);
  }
  if (settings_.tombstones && known_->plan->mode != Mode::full) {
    co_await look_at_tombstones(session);
  }
  if (request_.depth == Depth::plan && known_->may_read) {
    co_await read_samples(session);
  }
}

// What a poll would start from if the last one had ended now.
Task<> Examination::take_base(pq::Session& session) {
  const pq::Statement statement =
      asking("reading a snapshot",
             "SELECT statement_timestamp()::text, pg_snapshot_xmin(pg_current_snapshot())::text");
  const pq::Result found = co_await session.query(statement);
  known_->base.low = found.text(0, 0);
  if (known_->plan->mode == Mode::exact) {
    known_->base.xmin = static_cast<FullXid>(found.integer(0, 1));
  }
}

Task<> Examination::look_at_tombstones(pq::Session& session) {
  JudgedTombstones judged;
  try {
    auto found = co_await judge_tombstones(session, settings_, known_->plan->table, server_);
    judged = std::move(found);
  } catch (const Error& error) {
    Finding finding = finding_of_refusal(error);
    finding.remedy = "correct source.tombstones, or the table";
    note(std::move(finding));
  }
  note_all(std::move(judged.findings));
  if (judged.table && known_->may_read) {
    const TombstoneTable& table = *judged.table;
    const Pass pass = known_->pass_over(table.plan, table.settings, server_);
    const PlannedReading planned{pass, table.plan, known_->base};
    std::vector<ReadingStatement> statements = tombstone_statements(planned);
    co_await explain_all(session, std::move(statements));
  }
}

Task<> Examination::estimate(pq::Session& session) {
  const Pass pass = known_->pass(settings_, server_);
  const Projection projection =
      make_projection(pass.table, settings_, pass.schema, Purpose::copy, false);
  std::optional<Estimate> found;
  try {
    const Estimate rows = co_await estimate_rows(session, whole_select(pass, projection));
    found = rows;
  } catch (const Error& error) {
    note(finding_of_refusal(error));
  }
  // Of an empty table the planner expects that it will soon be filled.
  const bool is_empty = !pass.table.leaves.empty() && pass.table.blocks() == 0;
  if (found) {
    result_.rows_expected = is_empty ? 0 : found->rows;
    result_.bytes_expected = is_empty ? 0 : found->bytes;
  }
}

Task<> Examination::explain(pq::Session& session) {
  const Pass pass = known_->pass(settings_, server_);
  const PlannedReading planned{pass, *known_->plan, known_->base};
  std::vector<ReadingStatement> statements = reading_statements(planned);
  co_await explain_all(session, std::move(statements));
}

Task<> Examination::explain_all(pq::Session& session, std::vector<ReadingStatement> statements) {
  for (ReadingStatement& statement : statements) {
    PlannedStatement made{std::move(statement.title), std::move(statement.sql), ""};
    try {
      std::string text =
          co_await explain(session, std::move(statement.reading), std::move(statement.settings));
      made.explain = std::move(text);
    } catch (const Error& error) {
      note(finding_of_refusal(error));
    }
    if (request_.depth == Depth::plan) {
      result_.statements.push_back(std::move(made));
    }
  }
}

Task<> Examination::read_samples(pq::Session& session) {
  const Pass pass = known_->pass(settings_, server_);
  Projection projection = make_projection(pass.table, settings_, pass.schema, Purpose::copy, false);
  std::string select =
      fmt::format("{} LIMIT {}", whole_select(pass, projection), request_.sample_rows);
  try {
    std::shared_ptr<Batch> rows =
        co_await sample_rows(session, std::move(projection), std::move(select));
    result_.samples = std::move(rows);
  } catch (const Error& error) {
    note({Severity::warning, fmt::format("no sample rows: {}", error.what()),
          "see whether source.where needs an index"});
  }
}

// In front of everything else: what the job reads.
void Examination::note_table() {
  const Table& table = known_->table;
  std::string text =
      fmt::format("{} {}: {} columns", table.kind, settings_.name(), table.columns.size());
  if (result_.rows_expected) {
    text += fmt::format(", about {} rows", *result_.rows_expected);
  }
  result_.findings.insert(result_.findings.begin(), Finding{Severity::ok, std::move(text), ""});
}

Task<SourceExamination> PostgresSource::examine(SourceExaminationRequest request) {
  Examination examination(settings_, *server_, runtime_, request);
  co_return co_await examination.run();
}

}  // namespace rowferry::postgres
