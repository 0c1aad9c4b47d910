// The program with one more sink: connections of type `null` (null_sink.hpp). The benches run it
// beside psql.
#include "components.hpp"
#include "daemon/program.hpp"
#include "tests/bench/null_sink.hpp"

int main(int argc, char** argv) {
  auto components = rowferry::make_components();
  components.connections.push_back({"null", rowferry::bench::parse_null_connection});
  components.sinks.push_back({"null", rowferry::bench::parse_null_sink});
  return rowferry::run_program(argc, argv, components);
}
