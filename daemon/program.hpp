#pragma once

#include "config/components.hpp"

namespace rowferry {

/// The whole program, made of the given components: reads the command line, carries out its command
/// and returns the exit status. Never throws.
int run_program(int argc, char** argv, const config::Components& components);

}  // namespace rowferry
