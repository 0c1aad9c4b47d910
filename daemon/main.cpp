#include "components.hpp"
#include "daemon/program.hpp"

int main(int argc, char** argv) {
  return rowferry::run_program(argc, argv, rowferry::make_components());
}
