#include "components.hpp"

#include "connections/elasticsearch/config.hpp"
#include "connections/file/config.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "sinks/elasticsearch/config.hpp"
#include "sinks/file/config.hpp"
#include "sinks/postgres/config.hpp"
#include "sources/postgres/config.hpp"
#include "state/sqlite_store.hpp"
#include "state/yaml_store.hpp"

namespace rowferry {

config::Components make_components() {
  config::Components components;
  components.connections = {
      {"postgres", connections::parse_postgres_connection},
      {"elasticsearch", parse_elasticsearch_connection, places_of_elasticsearch_connection},
      {"file", parse_file_connection, places_of_file_connection},
  };
  components.sources = {
      {"postgres", postgres::parse_postgres_source},
  };
  components.sinks = {
      {"elasticsearch", parse_elasticsearch_sink},
      {"file", parse_file_sink},
      {"postgres", parse_postgres_sink},
  };
  return components;
}

std::unique_ptr<StateStore> make_state_store(const config::DaemonSettings& settings,
                                             const Runtime& runtime) {
  if (settings.state.store == "yaml") {
    return std::make_unique<YamlStore>(settings.state.path, settings.history_runs, runtime);
  }
  return std::make_unique<SqliteStore>(settings.state.path, settings.history_runs, runtime);
}

}  // namespace rowferry
