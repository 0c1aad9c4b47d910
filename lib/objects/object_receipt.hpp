#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/position.hpp"
#include "objects/manifest.hpp"

namespace rowferry {

/// What an object store's sink remembers of a run between restarts: which objects are finished, and
/// which were begun. The content of its Receipt.
struct ObjectReceipt {
  std::int64_t run_seq = 0;
  bool full = false;
  /// The manifest of the run is written: from now on its objects are the readers'.
  bool finished = false;
  WallTime started{};
  std::int64_t next_part = 1;
  /// Finished, and covered by the checkpoint that this is saved with.
  std::vector<ObjectEntry> objects;
  /// Keys that were begun since: what is there under them, and not among `objects`, is ours and
  /// worthless.
  std::vector<std::string> intents;
  /// The folder of the run's manifest.
  std::string folder;
};

/// The JSON of a receipt.
[[nodiscard]] Receipt encode_receipt(const ObjectReceipt& receipt);

/// An empty receipt gives run_seq 0. Throws Error{internal} for a text that is none of ours.
[[nodiscard]] ObjectReceipt decode_receipt(const Receipt& receipt);

}  // namespace rowferry
