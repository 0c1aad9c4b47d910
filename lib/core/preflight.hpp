#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "core/batch.hpp"
#include "core/run_context.hpp"
#include "core/schema.hpp"

namespace rowferry {

/// How a fact stands that an examination found.
enum class Severity : std::uint8_t {
  ok,
  warning,  ///< it works, but later, slower or less surely than it could
  wrong,    ///< it cannot work until a person changes the configuration or a definition
  refused,  ///< the other side cannot be reached, or refuses us
};

/// One fact, on one line, and for all but `ok` the statement or action that mends it.
struct Finding {
  Severity severity = Severity::ok;
  std::string text;
  std::string remedy;
};

/// What an error says as a finding: `refused` where the other side is the cause.
[[nodiscard]] Finding finding_of(const Error& error);

/// Whether one of the findings says that it cannot work as it is.
[[nodiscard]] bool has_fault(const std::vector<Finding>& findings);

/// How closely to look: for what is wrong, or also for all that an operator wants to see.
enum class Depth : bool { check = false, plan = true };

/// A statement that will be sent, and how its server would carry it out.
struct PlannedStatement {
  std::string title;  ///< what it is for: `idle poll`
  std::string sql;
  std::string explain;  ///< the server's EXPLAIN, line by line; empty: it was not asked
};

/// How a column comes out of its source.
struct PlannedColumn {
  std::string name;
  std::string source_type;  ///< as the source's server spells it
  std::string cell_type;    ///< as batches hold it
  bool as_text = false;     ///< not of the closed set: sent as the server's own text
  bool nullable = true;
  std::string role;  ///< `key`, `cursor`, `deleted`, or several of them; empty: none
};

/// A buffer that the configuration bounds.
struct PlannedBuffer {
  std::string what;
  std::size_t bytes_max = 0;
};

/// What a source is asked for.
struct SourceExaminationRequest {
  Depth depth = Depth::check;
  BatchLimits limits;
  /// How many rows to show.
  std::size_t sample_rows = 3;
};

/// What a source says of itself. The fields behind `schema` are for Depth::plan.
struct SourceExamination {
  std::vector<Finding> findings;
  /// What batches will hold; null when what is read could not be found out.
  SchemaPointer schema;
  /// Estimated, of a first or full copy.
  std::optional<std::int64_t> rows_expected;
  std::optional<std::int64_t> bytes_expected;

  /// How it is read, a sentence each.
  std::vector<std::string> ways;
  std::vector<PlannedStatement> statements;
  std::vector<PlannedColumn> columns;
  std::vector<PlannedBuffer> buffers;
  /// Some rows as they would be read; may be null.
  std::shared_ptr<Batch> samples;
};

/// What a sink is asked for.
struct SinkExaminationRequest {
  Depth depth = Depth::check;
  BatchLimits limits;
  std::string job;
  /// Runs send changes only.
  bool incremental = false;
  /// After the transforms; null when it could not be found out.
  SchemaPointer schema;
  std::optional<std::int64_t> rows_expected;
  std::optional<std::int64_t> bytes_expected;
  /// After the transforms; may be null.
  std::shared_ptr<Batch> samples;
};

/// Something that a first run would make.
struct PlannedCreation {
  std::string what;  ///< `index movies`
  std::string body;  ///< as it would be sent; empty: nothing more to say
};

/// What a sink says of itself. The fields behind `findings` are for Depth::plan.
struct SinkExamination {
  std::vector<Finding> findings;
  /// How each column of the schema is sent, in its order: `number`, `string (hex)`; empty for a
  /// column that is not sent.
  std::vector<std::string> forms;
  std::vector<PlannedCreation> creations;
  std::vector<PlannedBuffer> buffers;
  /// The sample rows as they would be sent.
  std::vector<std::string> samples;
};

/// How a value of the type stands in JSON: `number`, `string`, `array of string`.
[[nodiscard]] std::string json_form(const Type& type);

/// The most bytes that a batch occupies in memory: its cells and where they lie. A single row may
/// exceed it.
[[nodiscard]] std::size_t batch_bytes_bound(const BatchLimits& limits, std::size_t columns);

/// The most bytes of a batch's rows as JSON, with `row_bytes` around each: a byte becomes at most
/// six.
[[nodiscard]] std::size_t json_bytes_bound(const BatchLimits& limits, const Schema& schema,
                                           std::size_t row_bytes);

}  // namespace rowferry
