#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace rowferry {

/// What a state file holds, beside its head.
struct YamlContent {
  boost::json::object body;
  /// The newest generation was damaged or gone: this is the one before. Empty: it is the newest.
  std::string damage;
};

/// What a state file is about, as a person calls it, and what its body must begin with: a file that
/// was put in the place of another one is not taken for it.
struct YamlIdentity {
  std::string title;  ///< "the checkpoint of job movies"
  boost::json::object keys;
  /// What the operator can do when no generation is sound; the end of the error's sentence.
  std::string remedy;
};

/// One state file, in YAML, with its format, its generation and a CRC-32C in its head, and the
/// generation before it in `<file>.previous`. All calls block, and throw what base/file.hpp throws.
/// The caller keeps other processes out.
class YamlFile {
 public:
  YamlFile(std::filesystem::path path, YamlIdentity identity);

  /// The newest sound generation; nothing when there is no file at all. Throws Error{config} with
  /// the reason "corrupt" when there are files but none is sound, and Error{config} when a newer
  /// version wrote them.
  [[nodiscard]] std::optional<YamlContent> read() const;

  /// Writes a new generation: to a new file, synced, renamed into place, the folder synced. The
  /// generation before stays readable at every instant. `body` holds what follows the identity.
  void replace(const boost::json::object& body);

  /// The same without keeping the generation before: for files that are written once.
  void write_alone(const boost::json::object& body);

  /// Removes all generations, the older first. False when there was none.
  bool erase();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  enum class State { missing, damaged, newer, sound };
  struct Generation;

  [[nodiscard]] Generation read_one(const std::filesystem::path& path) const;
  [[nodiscard]] std::string text_of(std::int64_t generation, const boost::json::object& body) const;
  [[nodiscard]] Error written_by_newer() const;
  void write_temporary(const std::string& text) const;
  void keep_as_previous() const;
  [[nodiscard]] std::filesystem::path beside(const char* ending) const;

  std::filesystem::path path_;
  YamlIdentity identity_;
};

}  // namespace rowferry
