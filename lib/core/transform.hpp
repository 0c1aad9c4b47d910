#pragma once

#include "core/batch.hpp"

namespace rowferry {

/// Changes batches on their way. Pure: no I/O, no clock; the same batch gives the same result.
class Transform {
 public:
  virtual ~Transform() = default;

  /// Called once per pass and schema; returns the schema of what `apply` makes, and throws
  /// Error{config} when a column is missing or has a type that the transform cannot take.
  virtual SchemaPointer bind(SchemaPointer schema) = 0;

  /// Changes the batch in place: appends new bytes to its block and re-points cells.
  virtual void apply(Batch& batch) = 0;
};

}  // namespace rowferry
