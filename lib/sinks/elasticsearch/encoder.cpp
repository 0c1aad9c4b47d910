#include "sinks/elasticsearch/encoder.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace rowferry::elasticsearch {
namespace {

SchemaPointer with_identity(SchemaPointer schema) {
  if (schema->identity.empty()) {
    throw Error(
        Failure::config,
        fmt::format("{} has no key, and a search index needs one to know its documents: add "
                    "a primary key, or name the columns in source.key",
                    schema->table))
        .with_reason("no_key");
  }
  return schema;
}

RowText id_text(const Schema& schema, const SinkSettings& settings) {
  return settings.id ? RowText(*settings.id, "id", schema) : RowText::of_identity(schema);
}

std::optional<RowText> routing_text(const Schema& schema, const SinkSettings& settings) {
  return settings.routing ? std::optional(RowText(*settings.routing, "routing", schema))
                          : std::nullopt;
}

std::optional<std::string> fault_of_id(std::string_view id, const Schema& schema) {
  if (id.empty()) {
    return "the document's id is empty";
  }
  if (id.size() > kIdBytesMax) {
    return fmt::format("the document's id has {} bytes, and {} is the most", id.size(),
                       kIdBytesMax);
  }
  if (!schema.text_is_utf8 && !is_utf8(id)) {
    return "the document's id is no UTF-8";
  }
  return std::nullopt;
}

}  // namespace

BulkEncoder::BulkEncoder(SchemaPointer schema, const SinkSettings& settings)
    : documents_(with_identity(std::move(schema))),
      id_(id_text(*documents_.schema(), settings)),
      routing_(routing_text(*documents_.schema(), settings)) {}

std::optional<std::string> BulkEncoder::append_row(const Batch& batch, std::size_t row,
                                                   Scratch& scratch, Buffer& out) const {
  const std::size_t start = out.size();
  std::optional<std::string> fault;
  try {
    fault = append_action(batch, row, scratch, out);
    if (!fault && batch.operation(row) == Operation::upsert) {
      const std::size_t document = out.size();
      documents_.append_row(batch, row, out);
      out.append('\n');
      if (!schema()->text_is_utf8 && !is_utf8(out.view(document, out.size() - document))) {
        fault = "the row holds bytes that are no UTF-8";
      }
    }
  } catch (const Error& error) {
    fault = error.what();
  }
  if (fault) {
    out.truncate(start);
  }
  return fault;
}

std::optional<std::string> BulkEncoder::append_action(const Batch& batch, std::size_t row,
                                                      Scratch& scratch, Buffer& out) const {
  if (scratch.sequence != batch.sequence) {
    scratch.sequence = batch.sequence;
    // Not plain "external": of two rows with one id in a request the later shall win.
    scratch.version =
        fmt::format(R"(","version":{},"version_type":"external_gte")", batch.sequence);
  }
  scratch.text.clear();
  if (auto fault = id_.append(batch, row, scratch.text)) {
    return fault;
  }
  if (auto fault = fault_of_id(scratch.text.view(), *schema())) {
    return fault;
  }
  out.append(batch.operation(row) == Operation::remove ? R"({"delete":{"_id":")"
                                                       : R"({"index":{"_id":")");
  append_json_escaped(scratch.text.view(), out);
  out.append(scratch.version);
  if (auto fault = append_routing(batch, row, scratch, out)) {
    return fault;
  }
  out.append("}}\n");
  return std::nullopt;
}

std::optional<std::string> BulkEncoder::append_routing(const Batch& batch, std::size_t row,
                                                       Scratch& scratch, Buffer& out) const {
  if (!routing_) {
    return std::nullopt;
  }
  scratch.text.clear();
  if (auto fault = routing_->append(batch, row, scratch.text)) {
    return fault;
  }
  if (scratch.text.empty() || !is_utf8(scratch.text.view())) {
    return scratch.text.empty() ? "the document's routing is empty"
                                : "the document's routing is no UTF-8";
  }
  out.append(R"(,"routing":)");
  append_json_string(scratch.text.view(), out);
  return std::nullopt;
}

}  // namespace rowferry::elasticsearch
