#include "objects/object_router.hpp"

#include <algorithm>
#include <iterator>

namespace rowferry {

std::vector<ObjectStep> ObjectRouter::route(const EncodedRows& rows) {
  std::vector<ObjectStep> steps;
  std::size_t first = 0;
  while (first < rows.rows()) {
    std::size_t last = first + 1;
    if (rows.group_of_row.empty()) {
      last = rows.rows();
    }
    while (last < rows.rows() && rows.group_of(last) == rows.group_of(first)) {
      ++last;
    }
    append_rows(rows, first, last, steps);
    first = last;
  }
  return steps;
}

// The rows are of one group; as many as fit go to its object, the others to the next.
void ObjectRouter::append_rows(const EncodedRows& rows, std::size_t first, std::size_t last,
                               std::vector<ObjectStep>& steps) {
  const Values& values = rows.groups[rows.group_of(first)];
  while (first < last) {
    Open& object = open_object(values, steps);
    const std::size_t begin = rows.begin_of(first);
    const std::size_t room =
        limits_.object_bytes_max - std::min(limits_.object_bytes_max, object.bytes);
    std::size_t end = last;
    if (limits_.object_bytes_max > 0) {
      const auto bound =
          std::upper_bound(rows.ends.begin() + static_cast<std::ptrdiff_t>(first),
                           rows.ends.begin() + static_cast<std::ptrdiff_t>(last), begin + room);
      end = static_cast<std::size_t>(std::distance(rows.ends.begin(), bound));
    }
    const bool is_new = object.bytes == limits_.header_bytes;
    end = end == first && is_new ? first + 1 : end;
    if (end > first) {
      steps.push_back({ObjectStep::Kind::append, object.object, first, end, {}});
      object.bytes += rows.ends[end - 1] - begin;
    }
    if (end < last) {
      seal(open_.find(values), steps);
    }
    first = end;
  }
}

ObjectRouter::Open& ObjectRouter::open_object(const Values& values,
                                              std::vector<ObjectStep>& steps) {
  const auto known = open_.find(values);
  if (known != open_.end()) {
    known->second.used_at = ++uses_;
    return known->second;
  }
  if (open_.size() >= limits_.open_objects_max) {
    const auto oldest =
        std::min_element(open_.begin(), open_.end(), [](const auto& left, const auto& right) {
          return left.second.used_at < right.second.used_at;
        });
    seal(oldest, steps);
  }
  steps.push_back({ObjectStep::Kind::start, ++last_object_, 0, 0, values});
  return open_.emplace(values, Open{last_object_, limits_.header_bytes, ++uses_}).first->second;
}

void ObjectRouter::seal(std::map<Values, Open>::iterator place, std::vector<ObjectStep>& steps) {
  steps.push_back({ObjectStep::Kind::seal, place->second.object, 0, 0, {}});
  open_.erase(place);
}

std::vector<ObjectStep> ObjectRouter::seal_all() {
  std::vector<ObjectStep> steps;
  while (!open_.empty()) {
    seal(open_.begin(), steps);
  }
  return steps;
}

}  // namespace rowferry
