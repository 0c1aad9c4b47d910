#include "state/yaml_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/crc32c.hpp"
#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "state/yaml_text.hpp"

namespace rowferry {

struct YamlFile::Generation {
  State state = State::missing;
  std::int64_t number = 0;
  std::string damage;
  boost::json::object body;
};

namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::string_view kFirstWords = "# rowferry: ";
constexpr std::string_view kFormatKey = "format: ";
constexpr std::string_view kGenerationKey = "generation: ";
constexpr std::string_view kChecksumKey = "crc32c: ";

/// The head of a state file: four lines, then the body.
struct Head {
  std::int64_t format = 0;
  std::int64_t generation = 0;
  std::string_view checksum;  ///< in quotes
  std::string_view before_checksum;
  std::string_view body;
};

/// Takes the first line, without its end, off a text; nothing when no line ends.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::int64_t> number_after(std::string_view key, std::string_view line) {
  if (!line.starts_with(key)) {
    return std::nullopt;
  }
  line.remove_prefix(key.size());
  std::int64_t number = 0;
  const auto end = std::from_chars(line.data(), line.data() + line.size(), number);
  const bool is_number = end.ec == std::errc() && end.ptr == line.data() + line.size();
  return is_number ? std::optional(number) : std::nullopt;
}

std::optional<Head> read_head(std::string_view text) {
  const std::string_view whole = text;
  const auto title = take_line(text);
  const auto format = number_after(kFormatKey, take_line(text).value_or(""));
  const auto generation = number_after(kGenerationKey, take_line(text).value_or(""));
  const std::string_view before = whole.substr(0, whole.size() - text.size());
  const std::string_view checksum = take_line(text).value_or("");
  const bool is_head = title && title->starts_with(kFirstWords) && format && generation &&
                       checksum.starts_with(kChecksumKey);
  if (!is_head) {
    return std::nullopt;
  }
  return Head{*format, *generation, checksum.substr(kChecksumKey.size()), before, text};
}

/// The checksum of all but its own line, as it is written.
std::string checksum_of(std::string_view before, std::string_view body) {
  return fmt::format("'{:08x}'", crc32c(body, crc32c(before)));
}

/// Whether the first of `body` is all of `keys`.
bool has_identity(const boost::json::object& body, const boost::json::object& keys) {
  for (const auto& [key, value] : keys) {
    const boost::json::value* const found = body.if_contains(key);
    if (found == nullptr || *found != value) {
      return false;
    }
  }
  return true;
}

/// A title on the line of a comment: the name of a job may hold anything.
std::string on_one_line(std::string text) {
  for (char& byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    byte = code < 0x20 || code >= 0x7f ? '?' : byte;
  }
  return text;
}

bool is_there(const std::filesystem::path& path) {
  if (access(path.c_str(), F_OK) == 0) {
    return true;
  }
  if (errno != ENOENT && errno != ENOTDIR) {
    throw file_error("look at", path, errno);
  }
  return false;
}

}  // namespace

YamlFile::YamlFile(std::filesystem::path path, YamlIdentity identity)
    : path_(std::move(path)), identity_(std::move(identity)) {}

std::optional<YamlContent> YamlFile::read() const {
  Generation newest = read_one(path_);
  Generation previous;
  if (newest.state != State::sound) {
    previous = read_one(beside(".previous"));
  }
  if (newest.state == State::missing && previous.state == State::missing) {
    return std::nullopt;
  }
  if (newest.state == State::sound) {
    return YamlContent{std::move(newest.body), ""};
  }
  if (newest.state == State::newer || previous.state == State::newer) {
    throw written_by_newer();
  }
  if (previous.state == State::sound) {
    const bool is_gone = newest.state == State::missing;
    return YamlContent{std::move(previous.body), is_gone ? "it is gone" : newest.damage};
  }
  const std::string_view damage = newest.state == State::damaged ? newest.damage : previous.damage;
  throw Error(Failure::config,
              fmt::format("{} in {} is damaged ({}), and there is no sound "
                          "generation before it. {}",
                          identity_.title, path_.string(), damage, identity_.remedy))
      .with_reason("corrupt");
}

Error YamlFile::written_by_newer() const {
  return Error(Failure::config, fmt::format("{}, {}, was written by a newer rowferry; run that "
                                            "version, or set another daemon.state.path",
                                            identity_.title, path_.string()));
}

YamlFile::Generation YamlFile::read_one(const std::filesystem::path& path) const {
  Generation generation;
  if (!is_there(path)) {
    return generation;
  }
  const std::string text = read_file(path);
  generation.state = State::damaged;
  const std::optional<Head> head = read_head(text);
  if (!head) {
    generation.damage = text.empty() ? "it is empty" : "it does not begin like a state file";
    return generation;
  }
  if (head->checksum != checksum_of(head->before_checksum, head->body)) {
    generation.damage = "its checksum is wrong";
    return generation;
  }
  if (head->format > kFormat) {
    generation.state = State::newer;
    return generation;
  }
  generation.body = parse_yaml(head->body);
  if (!has_identity(generation.body, identity_.keys)) {
    generation.damage = "it is the file of something else";
    return generation;
  }
  generation.state = State::sound;
  generation.number = head->generation;
  return generation;
}

std::string YamlFile::text_of(std::int64_t generation, const boost::json::object& body) const {
  const std::string before = fmt::format(
      "{}{}. Written by the program: an edit breaks the checksum.\n{}{}\n{}{}\n", kFirstWords,
      on_one_line(identity_.title), kFormatKey, kFormat, kGenerationKey, generation);
  std::string content;
  append_yaml(identity_.keys, content);
  append_yaml(body, content);
  return fmt::format("{}{}{}\n{}", before, kChecksumKey, checksum_of(before, content), content);
}

void YamlFile::replace(const boost::json::object& body) {
  const Generation newest = read_one(path_);
  if (newest.state == State::newer) {
    throw written_by_newer();
  }
  const bool is_sound = newest.state == State::sound;
  const std::int64_t last = is_sound ? newest.number : read_one(beside(".previous")).number;
  write_temporary(text_of(last + 1, body));
  // What is not sound must not take the place of what is.
  if (is_sound) {
    keep_as_previous();
  }
  failpoint("state.before_commit");
  rename_file(beside(".new"), path_);
  sync_folder(path_.parent_path());
}

void YamlFile::write_alone(const boost::json::object& body) {
  write_temporary(text_of(1, body));
  failpoint("state.before_commit");
  rename_file(beside(".new"), path_);
  sync_folder(path_.parent_path());
}

// Always a new file: after a failed fsync the old descriptor may lie.
void YamlFile::write_temporary(const std::string& text) const {
  const std::filesystem::path temporary = beside(".new");
  remove_file(temporary);
  try {
    File file = File::open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
    file.write(text);
    file.sync();
    file.close();
  } catch (const Error&) {
    unlink(temporary.c_str());
    throw;
  }
}

// A second name, so that the newest generation never is without one; renamed where the file system
// knows no second names.
void YamlFile::keep_as_previous() const {
  const std::filesystem::path second = beside(".second");
  remove_file(second);
  if (link(path_.c_str(), second.c_str()) == 0) {
    rename_file(second, beside(".previous"));
  } else {
    rename_file(path_, beside(".previous"));
  }
}

bool YamlFile::erase() {
  const bool had_previous = remove_file(beside(".previous"));
  const bool had_newest = remove_file(path_);
  if (had_previous || had_newest) {
    sync_folder(path_.parent_path());
  }
  return had_previous || had_newest;
}

std::filesystem::path YamlFile::beside(const char* ending) const { return path_.string() + ending; }

}  // namespace rowferry
