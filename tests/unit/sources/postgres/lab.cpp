#include "lab.hpp"

#include "base/big_endian.hpp"

namespace rowferry::postgres {
namespace {

template <class Integer>
std::string bytes_of(Integer value) {
  std::string bytes(sizeof value, '\0');
  store_big_endian(value, bytes.data());
  return bytes;
}

}  // namespace

Lab::Lab()
    : context(loop_.context(1)),
      connection_("shop", connections::PostgresSettings{}, loop_.runtime()) {
  settings.job = "movies";
  settings.table = "content.film_work";
  settings.cursor = "updated_at";
  table.oid = 16384;
  table.kind = "table";
  table.definition = "digest";
  table.from = "\"content\".\"film_work\"";
  table.name = "film_work";
  table.columns = {make_column("id", ColumnType::int64, "bigint"),
                   make_column("title", ColumnType::text, "text"),
                   make_column("updated_at", ColumnType::timestamptz, "timestamp with time zone")};
  table.columns[0].nullable = false;
  table.key = {"id"};
  table.is_heap = true;
  table.key_is_unique = true;
  table.relation = "5/77";
}

Pass Lab::pass() {
  return Pass{settings, connection_, incarnations_, table, make_schema(table, settings),
              context,  mode,        context.stop,  false, {}};
}

Projection Lab::projection(Purpose purpose, bool with_ctid) {
  return make_projection(table, settings, make_schema(table, settings), purpose, with_ctid);
}

TableColumn make_column(const std::string& name, ColumnType type, const std::string& cell_type) {
  TableColumn column;
  column.name = name;
  column.type.element = type;
  column.source_type = cell_type;
  column.cell_type = cell_type;
  return column;
}

std::string make_tuple(const std::vector<std::optional<std::string>>& fields) {
  std::string tuple = bytes_of(static_cast<std::int16_t>(fields.size()));
  for (const auto& field : fields) {
    tuple += bytes_of(field ? static_cast<std::int32_t>(field->size()) : -1);
    tuple += field.value_or("");
  }
  return tuple;
}

std::string int64_bytes(std::int64_t value) { return bytes_of(value); }

std::string tid_bytes(std::uint32_t block, std::uint16_t offset) {
  return bytes_of(block) + bytes_of(offset);
}

}  // namespace rowferry::postgres
