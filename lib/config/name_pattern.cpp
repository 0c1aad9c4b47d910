#include "config/name_pattern.hpp"

#include <algorithm>
#include <utility>

namespace rowferry::config {

/// Walks both patterns at once, a character of a name at a time: from each pair of places in them
/// to the pairs that follow, until both are at their end.
class NamePattern::Search {
 public:
  Search(const std::vector<Atom>& left, const std::vector<Atom>& right)
      : left_(left), right_(right), seen_((left.size() + 1) * (right.size() + 1)) {}

  /// Whether the rests of the patterns behind these places have a name in common.
  bool reaches_end_from(std::size_t left, std::size_t right) {
    visit(left, right);
    while (!open_.empty()) {
      const auto [at_left, at_right] = open_.back();
      open_.pop_back();
      if (at_left == left_.size() && at_right == right_.size()) {
        return true;
      }
      visit_what_follows(at_left, at_right);
    }
    return false;
  }

 private:
  void visit(std::size_t left, std::size_t right) {
    const std::size_t pair = left * (right_.size() + 1) + right;
    if (!seen_[pair]) {
      seen_[pair] = true;
      open_.emplace_back(left, right);
    }
  }

  void visit_what_follows(std::size_t left, std::size_t right) {
    const bool has_left = left < left_.size();
    const bool has_right = right < right_.size();
    if (has_left && left_[left].repeats) {
      visit(left + 1, right);
    }
    if (has_right && right_[right].repeats) {
      visit(left, right + 1);
    }
    if (has_left && has_right && share_a_character(left_[left], right_[right])) {
      visit(left_[left].repeats ? left : left + 1, right_[right].repeats ? right : right + 1);
    }
  }

  const std::vector<Atom>& left_;
  const std::vector<Atom>& right_;
  std::vector<bool> seen_;
  std::vector<std::pair<std::size_t, std::size_t>> open_;
};

NamePattern& NamePattern::literal(std::string_view text) {
  for (const char character : text) {
    atoms_.push_back({Atom::Kind::character, character, false});
  }
  return *this;
}

NamePattern& NamePattern::digits(std::size_t count) {
  atoms_.insert(atoms_.end(), count, {Atom::Kind::digit, 0, false});
  return *this;
}

NamePattern& NamePattern::number(std::size_t width_min) {
  digits(width_min);
  atoms_.push_back({Atom::Kind::digit, 0, true});
  return *this;
}

NamePattern& NamePattern::any_within_folder() {
  atoms_.push_back({Atom::Kind::within_folder, 0, false});
  atoms_.push_back({Atom::Kind::within_folder, 0, true});
  return *this;
}

NamePattern& NamePattern::append(const NamePattern& other) {
  atoms_.insert(atoms_.end(), other.atoms_.begin(), other.atoms_.end());
  return *this;
}

bool NamePattern::share_a_character(const Atom& left, const Atom& right) {
  using Kind = Atom::Kind;
  if (right.kind == Kind::character && left.kind != Kind::character) {
    return share_a_character(right, left);
  }
  if (left.kind != Kind::character) {
    return true;
  }
  switch (right.kind) {
    case Kind::character:
      return left.character == right.character;
    case Kind::digit:
      return left.character >= '0' && left.character <= '9';
    case Kind::within_folder:
      return left.character != '/';
  }
  return false;
}

bool NamePattern::meets(const NamePattern& other) const {
  const auto is_text = [](const Atom& atom) { return atom.kind == Atom::Kind::character; };
  const std::size_t shorter = std::min(atoms_.size(), other.atoms_.size());
  std::size_t common = 0;
  // Of many jobs most pairs differ in the text that they begin with.
  while (common < shorter && is_text(atoms_[common]) && is_text(other.atoms_[common])) {
    if (atoms_[common].character != other.atoms_[common].character) {
      return false;
    }
    ++common;
  }
  return Search(atoms_, other.atoms_).reaches_end_from(common, common);
}

}  // namespace rowferry::config
