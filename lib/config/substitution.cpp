#include "config/substitution.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "config/file_text.hpp"

namespace rowferry::config {
namespace {

constexpr std::size_t kFileBytesMax = 1u << 20;
constexpr int kNestingMax = 8;
constexpr std::string_view kFilePrefix = "file:";

bool is_name(std::string_view text) {
  constexpr std::string_view kFirst = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view kRest =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && kFirst.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(kRest) == std::string_view::npos;
}

/// Where the brace closes that was opened before `start`; npos when it does not.
std::size_t find_closing_brace(std::string_view text, std::size_t start) {
  int open = 1;
  for (std::size_t at = start; at < text.size(); ++at) {
    if (text.substr(at).starts_with("${")) {
      ++open;
      ++at;
    } else if (text[at] == '}' && --open == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

class Substitution {
 public:
  Substitution(const Environment& environment, const std::filesystem::path& folder)
      : environment_(environment), folder_(folder) {}

  /// Appends `written` with its references replaced.
  void append(std::string_view written, int nesting) {
    std::size_t at = 0;
    while (at < written.size()) {
      const std::size_t dollar = written.find("${", at);
      if (dollar == std::string_view::npos) {
        result_.text += written.substr(at);
        return;
      }
      if (dollar > at && written[dollar - 1] == '$') {
        result_.text += written.substr(at, dollar - 1 - at);
        result_.text += "${";
        at = dollar + 2;
        continue;
      }
      result_.text += written.substr(at, dollar - at);
      const std::size_t closing = find_closing_brace(written, dollar + 2);
      if (closing == std::string_view::npos) {
        result_.problems.emplace_back("a ${ without its }; a literal ${ is written $${");
        return;
      }
      append_reference(written.substr(dollar + 2, closing - dollar - 2), nesting);
      at = closing + 1;
    }
  }

  Substituted take() { return std::move(result_); }

 private:
  void append_reference(std::string_view reference, int nesting) {
    if (reference.starts_with(kFilePrefix)) {
      append_file(reference.substr(kFilePrefix.size()));
      return;
    }
    const std::size_t dash = reference.find(":-");
    const std::string name(reference.substr(0, dash));
    if (!is_name(name)) {
      // Not quoted: it may be a part of a password.
      result_.problems.emplace_back(
          "a ${...} that is not ${NAME}, ${NAME:-default} or ${file:PATH}; a literal ${ is "
          "written $${");
      return;
    }
    const auto value = environment_.lookup(name);
    if (dash == std::string_view::npos) {
      append_variable(name, value);
    } else if (value && !value->empty()) {
      result_.text += *value;
    } else if (nesting < kNestingMax) {
      append(reference.substr(dash + 2), nesting + 1);
    } else {
      result_.problems.emplace_back("defaults within defaults are too deep");
    }
  }

  void append_variable(const std::string& name, const std::optional<std::string>& value) {
    if (value) {
      result_.text += *value;
    } else {
      result_.problems.push_back(
          fmt::format("the environment variable {} is not set and has no default", name));
    }
  }

  void append_file(std::string_view name) {
    if (name.empty() || name.find("${") != std::string_view::npos) {
      result_.problems.emplace_back("${file:PATH} needs a path, without references in it");
      return;
    }
    const std::filesystem::path path = folder_ / name;
    FileText file = read_file(path, kFileBytesMax);
    if (!file.problem.empty()) {
      result_.problems.push_back(
          fmt::format("the file {} cannot be read: {}", path.string(), file.problem));
      return;
    }
    if (file.text.ends_with('\n')) {
      file.text.pop_back();
      if (file.text.ends_with('\r')) {
        file.text.pop_back();
      }
    }
    if (file.text.find('\0') != std::string::npos) {
      result_.problems.push_back(fmt::format("the file {} holds a zero byte", path.string()));
      return;
    }
    result_.text += file.text;
  }

  const Environment& environment_;
  const std::filesystem::path& folder_;
  Substituted result_;
};

}  // namespace

Environment Environment::of_process() {
  return Environment{[](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }};
}

Substituted substitute(std::string_view written, const Environment& environment,
                       const std::filesystem::path& folder) {
  Substitution substitution(environment, folder);
  substitution.append(written, 0);
  return substitution.take();
}

}  // namespace rowferry::config
