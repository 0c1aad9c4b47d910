#include "base/error.hpp"

namespace rowferry {

std::string_view to_string(Failure failure) {
  switch (failure) {
    case Failure::config:
      return "config";
    case Failure::transient:
      return "transient";
    case Failure::rejected:
      return "rejected";
    case Failure::too_large:
      return "too_large";
    case Failure::stale:
      return "stale";
    case Failure::cancelled:
      return "cancelled";
    case Failure::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace rowferry
