#include "config/yaml_lines.hpp"

#include <algorithm>

namespace rowferry::config {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

bool is_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line[first] == '#';
}

/// Whether a quote or a comment may begin behind this part of a line.
bool may_begin(std::string_view before) {
  return before.empty() || std::string_view(" \t[{,").find(before.back()) != std::string_view::npos;
}

/// The place behind the quote that is opened at `start`; npos when the line does not close it.
std::size_t end_of_quote(std::string_view line, std::size_t start) {
  const char quote = line[start];
  for (std::size_t at = start + 1; at < line.size(); ++at) {
    if (quote == '"' && line[at] == '\\') {
      ++at;
    } else if (line[at] == quote) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

bool leaves_a_quote_open(std::string_view line) {
  for (std::size_t at = 0; at < line.size();) {
    const bool begins = may_begin(line.substr(0, at));
    if (begins && line[at] == '#') {
      return false;
    }
    const bool is_quote = begins && (line[at] == '"' || line[at] == '\'');
    at = is_quote ? end_of_quote(line, at) : at + 1;
    if (at == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

YamlLines::YamlLines(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos && end + 1 < text.size();
       end = text.find('\n', end + 1)) {
    starts_.push_back(end + 1);
  }
}

std::string_view YamlLines::at(int line) const {
  if (line < 1 || line > count()) {
    return {};
  }
  const std::string_view rest = text_.substr(starts_[static_cast<std::size_t>(line - 1)]);
  return rest.substr(0, rest.find('\n'));
}

int YamlLines::line_of_empty_item(int next, int column) const {
  if (!is_blank(at(next).substr(0, static_cast<std::size_t>(std::max(column, 0))))) {
    return next;
  }
  int line = std::min(next, count() + 1) - 1;
  while (line > 1 && (is_blank(at(line)) || is_comment(at(line)))) {
    --line;
  }
  return std::max(line, 1);
}

int YamlLines::line_of_open_quote(int first) const {
  for (int line = std::max(first, 1); line <= count(); ++line) {
    if (leaves_a_quote_open(at(line))) {
      return line;
    }
  }
  return 0;
}

}  // namespace rowferry::config
