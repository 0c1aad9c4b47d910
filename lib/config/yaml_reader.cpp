#include "config/yaml_reader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "base/utf8.hpp"
#include "config/yaml_lines.hpp"

namespace rowferry::config {
namespace {

constexpr std::size_t kMergedEntriesMax = 100'000;
constexpr std::string_view kMergeKey = "<<";
constexpr std::size_t kDepthMax = 64;

/// Ends the reading of a file whose lists and maps stand in one another without sense.
struct TooDeep {
  int line;
};

/// Builds values from the parser's events. The parser itself limits the depth, and an alias refers
/// to the one value of its anchor, so neither nesting nor aliases can blow up.
class ValueBuilder : public YAML::EventHandler {
 public:
  ValueBuilder(const Environment& environment, const std::filesystem::path& folder,
               const YamlLines& lines, ValueTree& tree, Problems& problems)
      : environment_(environment),
        folder_(folder),
        lines_(lines),
        tree_(tree),
        problems_(problems) {}

  /// The line of the last thing that was read.
  [[nodiscard]] int last_line() const { return last_line_; }
  /// The line in which the innermost open `{` or `[` stands; 0 when none is open.
  [[nodiscard]] int open_line() const {
    return frames_.empty() || !frames_.back().flow ? 0 : frames_.back().container->line;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      problems_.add(mark.line + 1, "", "a second document: the configuration is one document");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Value& value = add(mark, anchor, Value::Kind::scalar);
    // The parser does not tell a key `null` from an empty one, and has an empty item stand where
    // the next thing does.
    const bool is_item = !frames_.empty() && frames_.back().container->kind == Value::Kind::list;
    attach(value, is_item ? lines_.line_of_empty_item(mark.line + 1, mark.column) : mark.line + 1,
           "null");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& text) override {
    Value& value = add(mark, anchor, Value::Kind::scalar);
    value.written = text;
    if (at_value()) {
      Substituted substituted = substitute(text, environment_, folder_);
      for (std::string& problem : substituted.problems) {
        problems_.add(line_of_value(value.line), path_of_value(), std::move(problem));
      }
      value.blank = substituted.text.empty() && substituted.problems.empty();
      value.text = std::move(substituted.text);
      value.faulty = !substituted.problems.empty();
    } else {
      value.text = text;
    }
    attach(value, value.line, text);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Value* value = anchors_[anchor];
    const bool open = std::any_of(frames_.begin(), frames_.end(),
                                  [&](const Frame& frame) { return frame.container == value; });
    if (value == nullptr || open) {
      problems_.add(mark.line + 1, path_of_value(), "an alias that refers to itself");
      value = &add(mark, 0, Value::Kind::scalar);
    }
    attach(*value, mark.line + 1, value->text);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    start(add(mark, anchor, Value::Kind::list), style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override {
    Value& list = *frames_.back().container;
    list.blank = std::all_of(list.items.begin(), list.items.end(),
                             [](const Value* item) { return item->blank; });
    frames_.pop_back();
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    start(add(mark, anchor, Value::Kind::map), style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override {
    merge();
    Value& map = *frames_.back().container;
    map.blank = std::all_of(map.entries.begin(), map.entries.end(),
                            [](const Value::Entry& entry) { return entry.value->blank; });
    frames_.pop_back();
  }

 private:
  /// A list or map that is being filled.
  struct Frame {
    Value* container;
    std::string path;
    bool flow;                        ///< written with { } or [ ]
    std::optional<Value::Entry> key;  ///< the key whose value comes next
    bool key_ignored = false;
    std::unordered_map<std::string, int> key_lines;
  };

  Value& add(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind) {
    Value& value = tree_.add();
    value.kind = kind;
    value.line = mark.line + 1;
    last_line_ = value.line;
    if (anchor != 0) {
      anchors_[anchor] = &value;
    }
    return value;
  }

  [[nodiscard]] bool at_value() const {
    return frames_.empty() || frames_.back().container->kind == Value::Kind::list ||
           frames_.back().key.has_value();
  }

  [[nodiscard]] int line_of_value(int line) const {
    return !frames_.empty() && frames_.back().key ? frames_.back().key->line : line;
  }

  [[nodiscard]] std::string path_of_value() const {
    if (frames_.empty()) {
      return "";
    }
    const Frame& frame = frames_.back();
    if (frame.container->kind == Value::Kind::list) {
      return fmt::format("{}[{}]", frame.path, frame.container->items.size());
    }
    return frame.key ? join(frame.path, frame.key->key) : frame.path;
  }

  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : fmt::format("{}.{}", path, key);
  }

  void start(Value& container, bool flow) {
    if (frames_.size() >= kDepthMax) {
      throw TooDeep{container.line};
    }
    std::string path = path_of_value();
    attach(container, container.line, std::nullopt);
    frames_.push_back(Frame{&container, std::move(path), flow, std::nullopt, false, {}});
  }

  /// Puts a value into what is open: as the document, an item, a key, or the value of a key.
  void attach(const Value& value, int line, std::optional<std::string> as_key) {
    if (frames_.empty()) {
      tree_.root = documents_ > 1 ? tree_.root : &value;
      return;
    }
    Frame& frame = frames_.back();
    if (frame.container->kind == Value::Kind::list) {
      frame.container->items.push_back(&value);
      frame.container->item_lines.push_back(line);
      return;
    }
    if (!frame.key) {
      attach_key(frame, line, std::move(as_key));
      return;
    }
    if (!frame.key_ignored) {
      frame.key->value = &value;
      frame.container->entries.push_back(std::move(*frame.key));
    }
    frame.key.reset();
  }

  void attach_key(Frame& frame, int line, std::optional<std::string> text) {
    frame.key_ignored = !text;
    if (!text) {
      problems_.add(line, frame.path, "a list or map stands where a key is expected");
      text = "?";
    } else if (const auto [first, is_new] = frame.key_lines.emplace(*text, line); !is_new) {
      frame.key_ignored = true;
      problems_.add(line, join(frame.path, *text),
                    fmt::format("duplicate key, first given in line {}", first->second));
    }
    frame.key = Value::Entry{std::move(*text), line, nullptr};
  }

  /// Fills the entries of `<<` into the map that is about to be closed; its own entries win.
  void merge() {
    Frame& frame = frames_.back();
    auto& entries = frame.container->entries;
    const auto merged = std::find_if(entries.begin(), entries.end(), [](const Value::Entry& entry) {
      return entry.key == kMergeKey;
    });
    if (merged == entries.end()) {
      return;
    }
    const Value::Entry entry = *merged;
    entries.erase(merged);
    if (entry.value->kind == Value::Kind::list) {
      for (const Value* item : entry.value->items) {
        merge_one(frame, *item, entry.line);
      }
    } else {
      merge_one(frame, *entry.value, entry.line);
    }
  }

  void merge_one(Frame& frame, const Value& from, int line) {
    merged_entries_ += from.entries.size();
    if (from.kind != Value::Kind::map || merged_entries_ > kMergedEntriesMax) {
      problems_.add(line, join(frame.path, std::string(kMergeKey)),
                    from.kind == Value::Kind::map ? "too much is merged" : "must be a map");
      return;
    }
    for (const Value::Entry& entry : from.entries) {
      if (frame.key_lines.emplace(entry.key, entry.line).second) {
        frame.container->entries.push_back(entry);
      }
    }
  }

  const Environment& environment_;
  const std::filesystem::path& folder_;
  const YamlLines& lines_;
  ValueTree& tree_;
  Problems& problems_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, const Value*> anchors_;
  std::size_t merged_entries_ = 0;
  int documents_ = 0;
  int last_line_ = 1;
};

/// Says which line holds what cannot stand in a text file; true when there is none.
bool is_text(const YamlLines& lines, Problems& problems) {
  for (int line = 1; line <= lines.count(); ++line) {
    const std::string_view row = lines.at(line);
    if (!is_utf8(row)) {
      problems.add(line, "", "not UTF-8: save the file in that encoding");
      return false;
    }
    const bool control = std::any_of(row.begin(), row.end(), [](char character) {
      const auto byte = static_cast<unsigned char>(character);
      return (byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7f;
    });
    if (control) {
      problems.add(line, "", "not a text file: a control character");
      return false;
    }
  }
  return true;
}

/// What helps where the parser's own words do not; empty: they do.
std::string_view hint_for(const YAML::Exception& error, std::string_view line) {
  const std::size_t indentation = std::min(line.find_first_not_of(" \t"), line.size());
  if (line.substr(0, indentation).find('\t') != std::string_view::npos) {
    return "; indent with spaces, not with a tab";
  }
  if (line.find("${") != std::string_view::npos) {
    return "; within { } or [ ] a ${...} needs quotes";
  }
  namespace message = YAML::ErrorMsg;
  const bool misplaced = error.msg == message::END_OF_MAP || error.msg == message::END_OF_SEQ ||
                         error.msg == message::MAP_VALUE || error.msg == message::MAP_KEY ||
                         error.msg == message::BLOCK_ENTRY;
  return misplaced ? "; is it indented as its neighbours, and has each `key:` a space behind it?"
                   : "";
}

void note_syntax_error(const YamlLines& lines, const ValueBuilder& builder,
                       const YAML::Exception& error, Problems& problems) {
  namespace message = YAML::ErrorMsg;
  const int line = std::clamp(error.mark.line + 1, 1, lines.count());
  if (error.msg == message::DOC_IN_SCALAR || error.msg == message::EOF_IN_SCALAR) {
    const int opened = lines.line_of_open_quote(builder.last_line());
    problems.add(opened == 0 ? line : opened, "", "not YAML: a quote is not closed");
    return;
  }
  const std::string_view hint = hint_for(error, lines.at(line));
  const bool unclosed =
      error.msg == message::END_OF_MAP_FLOW || error.msg == message::END_OF_SEQ_FLOW;
  if (unclosed && hint.empty() && builder.open_line() > 0) {
    problems.add(builder.open_line(), "",
                 fmt::format("not YAML: a {{ or [ is not closed, or a comma is missing before "
                             "line {}",
                             line + 1));
    return;
  }
  problems.add(line, "", fmt::format("not YAML: {}{}", error.msg, hint));
}

}  // namespace

void read_yaml(const std::string& text, const Environment& environment,
               const std::filesystem::path& folder, ValueTree& tree, Problems& problems) {
  const YamlLines lines(text);
  if (!is_text(lines, problems)) {
    return;
  }
  Problems found("");
  ValueBuilder builder(environment, folder, lines, tree, found);
  try {
    // The parser takes an open quote at the end of the file for a closed one, but not before a
    // document's end.
    std::istringstream stream(text + "\n...\n");
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const TooDeep& place) {
    tree.root = nullptr;
    problems.add(place.line, "",
                 fmt::format("not YAML: nested too deeply: more than {} levels", kDepthMax));
    return;
  } catch (const YAML::Exception& error) {
    tree.root = nullptr;
    note_syntax_error(lines, builder, error, found);
  }
  for (const Problem& problem : found.list()) {
    problems.add(problem.line, problem.key_path, problem.text);
  }
}

}  // namespace rowferry::config
