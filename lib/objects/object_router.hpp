#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "objects/encoded_rows.hpp"

namespace rowferry {

/// One thing to do with an object.
struct ObjectStep {
  enum class Kind : std::uint8_t {
    start,   ///< a new object, of the values `values`
    append,  ///< the rows [first, last) go to its end
    seal,    ///< it is full, or another needs its place
  };
  Kind kind = Kind::append;
  std::int64_t object = 0;  ///< its number in this process
  std::size_t first = 0;
  std::size_t last = 0;
  std::vector<std::string> values;
};

/// Decides which rows go to which object, when an object is full, and which one makes room for
/// another. Pure: what it decides is done elsewhere.
class ObjectRouter {
 public:
  struct Limits {
    std::size_t object_bytes_max = 0;  ///< 0: none
    std::size_t open_objects_max = 1;
    std::size_t header_bytes = 0;
  };

  explicit ObjectRouter(Limits limits) : limits_(limits) {}

  /// The steps for the rows of a batch, in their order.
  [[nodiscard]] std::vector<ObjectStep> route(const EncodedRows& rows);

  /// The steps that end all open objects.
  [[nodiscard]] std::vector<ObjectStep> seal_all();

 private:
  struct Open {
    std::int64_t object = 0;
    std::size_t bytes = 0;
    std::uint64_t used_at = 0;
  };
  using Values = std::vector<std::string>;

  Open& open_object(const Values& values, std::vector<ObjectStep>& steps);
  void seal(std::map<Values, Open>::iterator place, std::vector<ObjectStep>& steps);
  void append_rows(const EncodedRows& rows, std::size_t first, std::size_t last,
                   std::vector<ObjectStep>& steps);

  Limits limits_;
  std::map<Values, Open> open_;
  std::int64_t last_object_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace rowferry
