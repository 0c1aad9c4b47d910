#include "objects/row_encoder.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/error.hpp"
#include "core/cell_text.hpp"
#include "objects/percent.hpp"

namespace rowferry {
namespace {

// What Hive, Spark and Athena take for NULL in the name of a partition.
constexpr std::string_view kNullValue = "__HIVE_DEFAULT_PARTITION__";
// A file name may have 255 bytes; the rest of the component needs room too.
constexpr std::size_t kValueBytesMax = 200;

std::variant<NdjsonEncoder, CsvEncoder> make_format(const SchemaPointer& schema,
                                                    const ObjectSettings& settings) {
  if (settings.format == ObjectFormat::csv) {
    return CsvEncoder(schema, settings.csv, settings.change_columns);
  }
  return NdjsonEncoder(schema, settings.change_columns);
}

std::vector<std::size_t> find_columns(const Schema& schema, const ObjectSettings& settings) {
  std::vector<std::size_t> columns;
  for (const std::string& name : settings.key.columns()) {
    const std::optional<std::size_t> column = schema.find(name);
    if (!column || !is_written(schema.columns[*column], settings.change_columns)) {
      throw Error(Failure::config,
                  fmt::format("the key {} names the column {}, which table {} does not send",
                              settings.key.text(), name, schema.table));
    }
    columns.push_back(*column);
  }
  return columns;
}

/// Throws when a line would have two columns of one name.
void refuse_twins(const Schema& schema, const ObjectSettings& settings) {
  if (settings.change_columns == ChangeColumns::no) {
    return;
  }
  for (const std::string_view name : {kOperationColumn, kSequenceColumn}) {
    if (schema.find(name)) {
      throw Error(
          Failure::config,
          fmt::format("table {} has a column {}, and change_columns writes one of that name "
                      "itself: leave the column out (source.columns), rename it in a view "
                      "or query, or set change_columns: false",
                      schema.table, name));
    }
  }
}

std::string key_value(std::string_view text) {
  if (text.empty()) {
    return std::string(kNullValue);
  }
  std::string value = to_key_component(text);
  if (value == kNullValue) {
    value.replace(0, 1, "%5F");
  }
  if (value.size() > kValueBytesMax) {
    throw Error(Failure::rejected,
                fmt::format("a value of {} bytes is too long for a part of a key", text.size()));
  }
  return value;
}

}  // namespace

/// Finds the group of each row of one batch.
class RowEncoder::Grouping {
 public:
  Grouping(const RowEncoder& encoder, const Batch& batch, EncodedRows& rows)
      : encoder_(encoder), batch_(batch), rows_(rows) {}

  std::uint32_t group_of(std::size_t row) {
    raw_.clear();
    for (const std::size_t column : encoder_.columns_) {
      const Cell& cell = batch_.cell(row, column);
      raw_ += fmt::format("{}:", cell.is_null() ? -1 : static_cast<std::int64_t>(cell.size));
      raw_ += cell.is_null() ? std::string_view() : batch_.value(cell);
    }
    if (raw_ == last_raw_ && !rows_.groups.empty()) {
      return last_;
    }
    const auto known = known_.find(raw_);
    last_ = known == known_.end() ? add(row) : known->second;
    last_raw_ = raw_;
    return last_;
  }

 private:
  std::uint32_t add(std::size_t row) {
    rows_.groups.push_back(encoder_.column_values(batch_, row));
    const auto group = static_cast<std::uint32_t>(rows_.groups.size() - 1);
    known_.emplace(raw_, group);
    return group;
  }

  const RowEncoder& encoder_;
  const Batch& batch_;
  EncodedRows& rows_;
  std::unordered_map<std::string, std::uint32_t> known_;
  std::string raw_;
  std::string last_raw_;
  std::uint32_t last_ = 0;
};

RowEncoder::RowEncoder(SchemaPointer schema, const ObjectSettings& settings)
    : schema_(std::move(schema)),
      format_(make_format(schema_, settings)),
      columns_(find_columns(*schema_, settings)) {
  refuse_twins(*schema_, settings);
  if (settings.format == ObjectFormat::csv) {
    line_end_bytes_ = settings.csv.line_end.size();
  }
  if (settings.format == ObjectFormat::csv && settings.csv_header) {
    Buffer header;
    std::get<CsvEncoder>(format_).append_header(header);
    header_ = header.view();
  }
}

void RowEncoder::encode(const Batch& batch, EncodedRows& rows) const {
  rows.clear();
  rows.ends.reserve(batch.rows());
  Grouping grouping(*this, batch, rows);
  if (columns_.empty()) {
    rows.groups.emplace_back();
  }
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    try {
      const std::uint32_t group = columns_.empty() ? 0 : grouping.group_of(row);
      append_row(batch, row, rows.bytes);
      rows.ends.push_back(rows.bytes.size());
      if (!columns_.empty()) {
        rows.group_of_row.push_back(group);
      }
    } catch (const Error& error) {
      rows.issues.push_back({row, false, {}, error.what()});
    }
  }
}

void RowEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  if (const auto* ndjson = std::get_if<NdjsonEncoder>(&format_)) {
    ndjson->append_row(batch, row, out);
  } else {
    std::get<CsvEncoder>(format_).append_row(batch, row, out);
  }
}

std::vector<std::string> RowEncoder::column_values(const Batch& batch, std::size_t row) const {
  std::vector<std::string> values;
  for (const std::size_t column : columns_) {
    const Cell& cell = batch.cell(row, column);
    Buffer text;
    if (!cell.is_null()) {
      append_cell_text(schema_->columns[column].type, batch.value(cell), text);
    }
    values.push_back(key_value(text.view()));
  }
  return values;
}

}  // namespace rowferry
