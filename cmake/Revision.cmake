# Writes OUTPUT, a source file with the version and the git revision of SOURCE_DIR.
execute_process(
  COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "daemon/version.hpp"

namespace rowferry {

std::string_view version() { return "@VERSION@"; }
std::string_view revision() { return "@revision@"; }

}  // namespace rowferry
]] @ONLY)
