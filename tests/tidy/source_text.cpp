#include "tests/tidy/source_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace rowferry::tidy {
namespace {

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_word_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Lexer {
 public:
  Lexer(std::string_view text, SourceText& out) : text_(text), out_(out) {}

  void run() {
    while (at_ < text_.size()) {
      step();
    }
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      advance(1);
      line_start_ = true;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      advance(1);
    } else if (starts("//")) {
      advance(line_end() - at_);
    } else if (starts("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      advance(end == std::string_view::npos ? text_.size() - at_ : end + 2 - at_);
    } else if (c == '#' && line_start_) {
      directive();
    } else {
      line_start_ = false;
      code(c);
    }
  }

  void code(char c) {
    if (is_word_start(c)) {
      word();
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      number();
    } else if (c == '"' || c == '\'') {
      literal(c);
    } else {
      punctuation();
    }
  }

  void word() {
    std::size_t end = at_;
    while (end < text_.size() && is_word_part(text_[end])) {
      ++end;
    }
    const std::string_view text = text_.substr(at_, end - at_);
    const char next = end < text_.size() ? text_[end] : ' ';
    if (next == '"' && text.ends_with('R') && text.size() <= 3) {
      advance(text.size());
      raw_literal();
    } else if ((next == '"' || next == '\'') && (text == "u8" || text == "u" || text == "L")) {
      advance(text.size());
      literal(next);
    } else {
      take(TokenKind::word, text.size());
    }
  }

  void number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && continues_number(end)) {
      ++end;
    }
    take(TokenKind::number, end - at_);
  }

  bool continues_number(std::size_t index) const {
    const char c = text_[index];
    const char before = text_[index - 1];
    const bool exponent = before == 'e' || before == 'E' || before == 'p' || before == 'P';
    return is_word_part(c) || c == '.' || c == '\'' || ((c == '+' || c == '-') && exponent);
  }

  void literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    out_.tokens.push_back({TokenKind::literal, "", line_});
    advance(std::min(end + 1, text_.size()) - at_);
  }

  void raw_literal() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      return;
    }
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const std::size_t end = text_.find(close, open);
    out_.tokens.push_back({TokenKind::literal, "", line_});
    advance(end == std::string_view::npos ? text_.size() - at_ : end + close.size() - at_);
  }

  void punctuation() {
    static constexpr std::array<std::string_view, 9> kLong = {
        "<=>", "::", "->", "<<", "<=", ">=", "==", "!=", "&&"};
    const auto* found = std::find_if(kLong.begin(), kLong.end(),
                                     [this](std::string_view known) { return starts(known); });
    take(TokenKind::punctuation, found == kLong.end() ? 1 : found->size());
  }

  void directive() {
    Directive found{"", line_};
    bool more = true;
    while (more && at_ < text_.size()) {
      std::string_view line = text_.substr(at_, line_end() - at_);
      advance(std::min(line.size() + 1, text_.size() - at_));
      more = line.ends_with('\\');
      line.remove_suffix(more ? 1 : 0);
      found.text += line;
    }
    line_start_ = true;
    found.text.resize(std::min(found.text.find("//"), found.text.size()));
    out_.directives.push_back(std::move(found));
  }

  void take(TokenKind kind, std::size_t size) {
    out_.tokens.push_back({kind, std::string(text_.substr(at_, size)), line_});
    advance(size);
  }

  void advance(std::size_t size) {
    const std::string_view passed = text_.substr(at_, size);
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    at_ += size;
  }

  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  std::size_t line_end() const { return std::min(text_.find('\n', at_), text_.size()); }

  std::string_view text_;
  SourceText& out_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool line_start_ = true;
};

}  // namespace

SourceText take_apart(std::string path, std::string_view text) {
  SourceText source;
  source.path = std::move(path);
  source.lines = split_lines(text);
  Lexer(text, source).run();
  return source;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_header(std::string_view path) { return path.ends_with(".hpp"); }

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace rowferry::tidy
