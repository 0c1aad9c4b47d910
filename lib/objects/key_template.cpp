#include "objects/key_template.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/error.hpp"
#include "objects/percent.hpp"

namespace rowferry {
namespace {

using Field = KeyTemplate::Field;

constexpr auto kFields = std::to_array<std::pair<std::string_view, Field>>({
    {"job", Field::job},
    {"table", Field::table},
    {"run_seq", Field::run_seq},
    {"part", Field::part},
    {"window", Field::window},
    {"started", Field::started},
    {"column", Field::column},
});

constexpr std::string_view kDefaultTimeFormat = "%Y%m%dT%H%M%SZ";
constexpr int kWidthMax = 18;

[[noreturn]] void fail(const std::string& text) { throw Error(Failure::config, text); }

int parse_width(std::string_view name, std::string_view text) {
  int width = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), width);
  if (code != std::errc() || end != text.data() + text.size() || width > kWidthMax || width < 1) {
    fail(fmt::format("{{{0}:{1}}}: a width is expected, as in {{{0}:06}}", name, text));
  }
  return width;
}

std::string parse_time_format(std::string_view name, std::string_view text) {
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool directive = text[index] == '%';
    const bool known = directive && index + 1 < text.size() &&
                       std::string_view("YmdHMSjy").find(text[index + 1]) != std::string_view::npos;
    if (directive && !known) {
      fail(fmt::format("{{{}:{}}}: only %Y %m %d %H %M %S %j %y are known", name, text));
    }
    index += directive ? 1 : 0;
  }
  return std::string(text.empty() ? kDefaultTimeFormat : text);
}

std::string format_time(const std::string& format, WallTime time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 256> text{};
  const std::size_t size = strftime(text.data(), text.size(), format.c_str(), &parts);
  return {text.data(), size};
}

/// What a time can read like in a format that parse_time_format took.
config::NamePattern pattern_of_time(std::string_view format) {
  config::NamePattern pattern;
  for (std::size_t index = 0; index < format.size(); ++index) {
    if (format[index] != '%') {
      pattern.literal(format.substr(index, 1));
      continue;
    }
    const char directive = format[++index];
    if (directive == 'Y') {
      pattern.number(4);
    } else {
      pattern.digits(directive == 'j' ? 3 : 2);
    }
  }
  return pattern;
}

void check_components(std::string_view key) {
  std::string_view rest = key;
  while (true) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view component = rest.substr(0, slash);
    if (component.empty() || component == "." || component == "..") {
      fail(
          "a key has no empty component, no '.' and no '..', and neither begins nor ends with '/'");
    }
    if (slash == rest.size()) {
      break;
    }
    rest.remove_prefix(slash + 1);
  }
  if (rest.starts_with("_manifest") && rest.ends_with(".json")) {
    fail("the names _manifest*.json are kept for manifests");
  }
}

}  // namespace

KeyTemplate KeyTemplate::parse(std::string_view text) {
  KeyTemplate key;
  key.text_ = text;
  const auto control = [](char byte) { return static_cast<unsigned char>(byte) < 0x20; };
  if (std::any_of(text.begin(), text.end(), control)) {
    fail("a key holds no control characters");
  }
  std::string sample;
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
    const std::size_t close = text.find('}', brace);
    if (brace > 0) {
      const std::string literal(text.substr(0, brace));
      key.pieces_.push_back({Field::literal, literal, literal, 0});
      sample += text.substr(0, brace);
      text.remove_prefix(brace);
      continue;
    }
    if (text[0] == '}' || close == std::string_view::npos) {
      fail("a brace has no partner");
    }
    key.pieces_.push_back(parse_field(text.substr(1, close - 1)));
    key.pieces_.back().written = text.substr(0, close + 1);
    sample += 'x';
    text.remove_prefix(close + 1);
  }
  check_components(sample);
  return key;
}

KeyTemplate::Piece KeyTemplate::parse_field(std::string_view inside) {
  const std::size_t colon = std::min(inside.find(':'), inside.size());
  const std::string_view name = inside.substr(0, colon);
  const std::string_view detail = inside.substr(std::min(colon + 1, inside.size()));
  const auto* const known = std::find_if(kFields.begin(), kFields.end(),
                                         [&](const auto& entry) { return entry.first == name; });
  if (known == kFields.end()) {
    fail(
        fmt::format("unknown field {{{}}}; there are {{job}} {{table}} {{run_seq:06}} {{part:04}} "
                    "{{started:{}}} {{column:NAME}}",
                    inside, kDefaultTimeFormat));
  }
  Piece piece;
  piece.field = known->second;
  switch (piece.field) {
    case Field::run_seq:
    case Field::part:
      piece.width = detail.empty() ? 0 : parse_width(name, detail);
      return piece;
    case Field::window:
    case Field::started:
      piece.text = parse_time_format(name, detail);
      return piece;
    case Field::column:
      piece.text = detail;
      if (detail.empty()) {
        fail("{column} needs a name, as in {column:country}");
      }
      return piece;
    default:
      if (!detail.empty()) {
        fail(fmt::format("{{{}}} takes nothing after a colon", name));
      }
      return piece;
  }
}

bool KeyTemplate::has(Field field) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [&](const Piece& piece) { return piece.field == field; });
}

std::vector<std::string> KeyTemplate::columns() const {
  std::vector<std::string> names;
  for (const Piece& piece : pieces_) {
    if (piece.field == Field::column) {
      names.push_back(piece.text);
    }
  }
  return names;
}

std::string KeyTemplate::expand(const KeyValues& values) const {
  std::string key;
  std::size_t column = 0;
  for (const Piece& piece : pieces_) {
    key += piece.field == Field::column ? values.columns.at(column++) : expand_piece(piece, values);
  }
  return key;
}

std::string KeyTemplate::expand_piece(const Piece& piece, const KeyValues& values) {
  switch (piece.field) {
    case Field::job:
      return to_key_component(values.job);
    case Field::table:
      return to_key_component(values.table);
    case Field::run_seq:
      return fmt::format("{:0{}}", values.run_seq, piece.width);
    case Field::part:
      return fmt::format("{:0{}}", values.part, piece.width);
    case Field::window:
    case Field::started:
      return format_time(piece.text, values.started);
    default:
      return piece.text;
  }
}

std::string KeyTemplate::folder(std::string_view job, std::string_view table) const {
  std::string folder;
  for (const Piece& piece : pieces_) {
    if (piece.field == Field::literal) {
      folder += piece.text;
    } else if (piece.field == Field::job || piece.field == Field::table) {
      folder += to_key_component(piece.field == Field::job ? job : table);
    } else {
      break;
    }
  }
  const std::size_t slash = folder.rfind('/');
  return slash == std::string::npos ? std::string() : folder.substr(0, slash + 1);
}

config::NamePattern KeyTemplate::pattern(std::string_view job, std::string_view table) const {
  config::NamePattern pattern;
  for (const Piece& piece : pieces_) {
    if (piece.field == Field::job || piece.field == Field::table) {
      pattern.literal(to_key_component(piece.field == Field::job ? job : table));
    } else {
      pattern.append(pattern_of(piece));
    }
  }
  return pattern;
}

config::NamePattern KeyTemplate::pattern_of(const Piece& piece) {
  config::NamePattern pattern;
  switch (piece.field) {
    case Field::run_seq:
    case Field::part:
      return pattern.number(static_cast<std::size_t>(std::max(piece.width, 1)));
    case Field::window:
    case Field::started:
      return pattern_of_time(piece.text);
    case Field::column:
      return pattern.any_within_folder();
    default:
      return pattern.literal(piece.text);
  }
}

std::string KeyTemplate::text_of(std::string_view job, std::string_view table) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    if (piece.field == Field::job || piece.field == Field::table) {
      text += to_key_component(piece.field == Field::job ? job : table);
    } else {
      text += piece.written;
    }
  }
  return text;
}

}  // namespace rowferry
