#include "config/node.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "config/nearest_word.hpp"
#include "config/node_body.hpp"

namespace rowferry::config {
namespace {

constexpr std::size_t kQuotedBytesMax = 60;
constexpr std::size_t kNamedKeysMax = 4;
// Shorter values would be found by chance.
constexpr std::size_t kReferenceBytesMin = 4;

/// Puts a reference back where a problem quotes what it gave: that may be a secret which was meant
/// for another key.
std::string as_written(std::string text, const Value* value) {
  if (value == nullptr || value->text == value->written ||
      value->text.size() < kReferenceBytesMin) {
    return text;
  }
  for (std::size_t at = text.find(value->text); at != std::string::npos;
       at = text.find(value->text, at + value->written.size())) {
    text.replace(at, value->text.size(), value->written);
  }
  return text;
}

bool is_given(const Value::Entry* entry) { return entry != nullptr && !entry->value->blank; }

}  // namespace

void Node::Body::mark_known(std::string_view key) {
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    known.emplace_back(key);
  }
}

const Value::Entry* Node::Body::find(std::string_view key) {
  mark_known(key);
  if (value == nullptr || (value->blank && value->kind != Value::Kind::map)) {
    return nullptr;
  }
  if (value->kind != Value::Kind::map) {
    no_map = no_map || (!value->faulty && !silent);
    silent = true;
    return nullptr;
  }
  return entry_of(key);
}

void Node::Body::note_no_map() {
  if (std::exchange(no_map, false)) {
    const std::size_t count = std::min(known.size(), kNamedKeysMax);
    context->problems.add(
        line, path,
        fmt::format(
            "must be a map of keys such as {}",
            fmt::join(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(count), ", ")));
  }
}

std::string Node::Body::path_of(std::string_view key) const {
  if (key.empty() || path.empty()) {
    return key.empty() ? path : std::string(key);
  }
  return fmt::format("{}.{}", path, key);
}

const Value::Entry* Node::Body::entry_of(std::string_view key) const {
  if (value == nullptr || value->kind != Value::Kind::map) {
    return nullptr;
  }
  const auto entry =
      std::find_if(value->entries.begin(), value->entries.end(),
                   [&](const Value::Entry& candidate) { return candidate.key == key; });
  return entry == value->entries.end() ? nullptr : &*entry;
}

void Node::Body::note(std::string_view key, std::string text) {
  if (!silent) {
    const Value::Entry* entry = key.empty() ? nullptr : entry_of(key);
    const Value* about = entry == nullptr ? value : entry->value;
    context->problems.add(entry == nullptr ? line : entry->line, path_of(key),
                          as_written(std::move(text), about));
  }
}

std::shared_ptr<Node::Body> Node::Body::child(std::string_view key) {
  if (const auto known_child = children.find(key); known_child != children.end()) {
    return known_child->second;
  }
  const Value::Entry* entry = find(key);
  auto body = std::make_shared<Body>();
  body->context = context;
  body->value = entry == nullptr ? nullptr : entry->value;
  body->line = entry == nullptr ? line : entry->line;
  body->path = path_of(key);
  body->silent = silent || (entry != nullptr && entry->value->faulty);
  children.emplace(key, body);
  return body;
}

const Value* Node::Body::scalar(std::string_view key, std::string_view expected) {
  const Value::Entry* entry = find(key);
  if (!is_given(entry) || entry->value->faulty) {
    return nullptr;
  }
  if (entry->value->kind != Value::Kind::scalar) {
    note(key, fmt::format("must be {}, not a {}", expected,
                          entry->value->kind == Value::Kind::map ? "map" : "list"));
    return nullptr;
  }
  return entry->value;
}

void Node::Body::note_wrong(std::string_view key, std::string_view expected, const Value& wrong) {
  std::string_view quoted = wrong.written;
  const bool cut = quoted.size() > kQuotedBytesMax;
  // Never cut through a character: step back over UTF-8's continuation bytes.
  std::size_t end = cut ? kQuotedBytesMax : quoted.size();
  while (cut && (static_cast<unsigned char>(quoted[end]) & 0xc0u) == 0x80u) {
    --end;
  }
  note(key,
       fmt::format("must be {}, not '{}{}'", expected, quoted.substr(0, end), cut ? "..." : ""));
}

Node::Node(std::shared_ptr<Body> body) : body_(std::move(body)) {}

bool Node::given(std::string_view key) const { return is_given(body_->find(key)); }

Node Node::at(std::string_view key) const {
  body_->mark_known(key);
  return Node(body_->child(key));
}

Node Node::required(std::string_view key) const {
  const Node node = at(key);
  if (node.empty() && !node.body_->silent) {
    body_->note(key, "is missing");
    node.body_->silent = true;
  }
  return node;
}

void Node::not_built(std::string_view key) const {
  if (given(key)) {
    problem(key, std::string(kNotBuilt));
  }
}

void Node::not_built_value(std::string_view key, std::string_view value) const {
  const Value::Entry* entry = body_->find(key);
  if (is_given(entry) && entry->value->kind == Value::Kind::scalar && entry->value->text == value) {
    problem(key, std::string(kNotBuilt));
  }
}

void Node::finish() const {
  if (std::exchange(body_->finished, true)) {
    return;
  }
  body_->note_no_map();
  const Value* value = body_->value;
  if (value != nullptr && value->kind == Value::Kind::map) {
    for (const Value::Entry& entry : value->entries) {
      if (std::find(body_->known.begin(), body_->known.end(), entry.key) == body_->known.end()) {
        const std::string nearest = nearest_word(entry.key, body_->known);
        body_->note(entry.key, nearest.empty()
                                   ? "unknown key"
                                   : fmt::format("unknown key, did you mean '{}'?", nearest));
      }
    }
  }
  for (const auto& [key, child] : body_->children) {
    if (!child->known.empty()) {
      Node(child).finish();
    }
  }
}

void Node::leave_unfinished() const {
  body_->note_no_map();
  body_->finished = true;
}

void Node::problem(std::string_view key, std::string text) const {
  body_->note(key, std::move(text));
}

void Node::learn(const Secret& secret) const { body_->context->redactor.add(secret); }

bool Node::empty() const { return body_->value == nullptr || body_->value->blank; }

bool Node::is_map() const { return !empty() && body_->value->kind == Value::Kind::map; }

bool Node::is_list() const { return !empty() && body_->value->kind == Value::Kind::list; }

bool Node::is_scalar() const { return !empty() && body_->value->kind == Value::Kind::scalar; }

std::string Node::scalar() const { return is_scalar() ? body_->value->text : std::string(); }

std::vector<std::string> Node::keys() const {
  std::vector<std::string> keys;
  if (body_->value != nullptr && body_->value->kind == Value::Kind::map) {
    for (const Value::Entry& entry : body_->value->entries) {
      keys.push_back(entry.key);
    }
  } else if (!empty() && !body_->value->faulty) {
    problem("", "must be a map of keys");
  }
  return keys;
}

std::vector<Node> Node::items() const {
  std::vector<Node> items;
  if (empty()) {
    return items;
  }
  if (!is_list()) {
    problem("", "must be a list, like [a, b]");
    return items;
  }
  const Value& list = *body_->value;
  for (std::size_t index = 0; index < list.items.size(); ++index) {
    const std::string key = fmt::format("[{}]", index);
    auto& child = body_->children[key];
    if (child == nullptr) {
      child = std::make_shared<Body>();
      child->context = body_->context;
      child->value = list.items[index];
      child->line = list.item_lines[index];
      child->path = body_->path + key;
      child->silent = body_->silent || child->value->faulty;
    }
    items.push_back(Node(child));
  }
  return items;
}

int Node::line() const { return body_->line; }

const std::string& Node::key_path() const { return body_->path; }

const std::filesystem::path& Node::folder() const { return body_->context->folder; }

}  // namespace rowferry::config
