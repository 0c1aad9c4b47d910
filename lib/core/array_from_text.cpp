#include "core/array_from_text.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

#include "base/big_endian.hpp"
#include "core/array_binary.hpp"
#include "core/text_scanner.hpp"

namespace rowferry {
namespace {

using namespace array_form;

/// Reads one array. The number of dimensions shows in the braces before the first element; each
/// dimension's size is that of its first row, which all others must have.
class ArrayParser {
 public:
  ArrayParser(const Type& type, std::string_view text, ElementFromText element_from_text,
              Buffer& out)
      : element_type_(type), scanner_(text), element_from_text_(element_from_text), out_(out) {
    element_type_.is_array = false;
  }

  TextFit parse() {
    const TextFit bounds = parse_bounds();
    if (bounds != TextFit::fits) return bounds;
    count_ = count_braces();
    if (count_ == 0) return TextFit::malformed;
    if (count_ > kDimensionsMax) return TextFit::out_of_range;
    const std::size_t header = out_.size();
    const std::size_t header_bytes = kHeaderBytes + count_ * kDimensionBytes;
    static_cast<void>(out_.prepare(header_bytes));
    out_.commit(header_bytes);
    const TextFit fit = parse_level(0);
    if (fit != TextFit::fits) return fit;
    scanner_.skip_blanks();
    if (!scanner_.at_end()) return TextFit::malformed;
    return finish(header);
  }

 private:
  struct Dimension {
    std::optional<std::int32_t> size;
    std::optional<ArrayDimension> declared;
  };

  /// `[1:2][0:1]=`, where it stands.
  TextFit parse_bounds() {
    while (scanner_.eat('[')) {
      const auto lower = parse_bound();
      if (!lower || !scanner_.eat(':')) return TextFit::malformed;
      const auto upper = parse_bound();
      if (!upper || !scanner_.eat(']')) return TextFit::malformed;
      const std::int64_t size = std::int64_t{*upper} - *lower + 1;
      if (declared_ == kDimensionsMax || size < 1 || size > INT32_MAX) {
        return TextFit::out_of_range;
      }
      dimensions_[declared_++].declared = {static_cast<std::int32_t>(size), *lower};
    }
    return declared_ == 0 || scanner_.eat('=') ? TextFit::fits : TextFit::malformed;
  }

  std::optional<std::int32_t> parse_bound() {
    const std::string_view rest = scanner_.rest();
    std::int32_t bound = 0;
    const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), bound);
    if (result.ec != std::errc{}) return std::nullopt;
    scanner_.eat(rest.substr(0, static_cast<std::size_t>(result.ptr - rest.data())));
    return bound;
  }

  [[nodiscard]] std::size_t count_braces() const {
    TextScanner ahead = scanner_;
    std::size_t count = 0;
    for (ahead.skip_blanks(); ahead.eat('{'); ahead.skip_blanks()) ++count;
    return count;
  }

  TextFit parse_level(std::size_t depth) {
    scanner_.skip_blanks();
    if (!scanner_.eat('{')) return TextFit::malformed;
    scanner_.skip_blanks();
    if (depth == 0 && count_ == 1 && scanner_.eat('}')) {
      dimensions_[0].size = 0;
      return TextFit::fits;
    }
    std::int32_t size = 0;
    do {
      const TextFit fit = depth + 1 < count_ ? parse_level(depth + 1) : parse_element();
      if (fit != TextFit::fits) return fit;
      ++size;
      scanner_.skip_blanks();
    } while (scanner_.eat(','));
    if (!scanner_.eat('}')) return TextFit::malformed;
    const bool is_even = dimensions_[depth].size.value_or(size) == size;
    dimensions_[depth].size = size;
    return is_even ? TextFit::fits : TextFit::malformed;
  }

  TextFit parse_element() {
    scanner_.skip_blanks();
    element_.clear();
    if (scanner_.eat('"')) {
      return eat_quoted() ? append_element() : TextFit::malformed;
    }
    bool was_escaped = false;
    if (!eat_bare(was_escaped)) return TextFit::malformed;
    if (!was_escaped && is_word(element_, "null")) {
      has_null_ = true;
      append_word(kNullSize);
      return TextFit::fits;
    }
    return append_element();
  }

  /// The rest of a quoted element, after its opening quote.
  bool eat_quoted() {
    while (!scanner_.eat('"')) {
      scanner_.eat('\\');
      if (!take_character()) return false;
    }
    return true;
  }

  /// An element without quotes; blanks at its end are no part of it, unless escaped.
  bool eat_bare(bool& was_escaped) {
    std::size_t kept = 0;
    for (;;) {
      const char next = scanner_.peek();
      if (scanner_.at_end() || next == '"' || next == '{') return false;
      if (next == ',' || next == '}') break;
      const bool is_escaped = scanner_.eat('\\');
      if (!take_character()) return false;
      was_escaped = was_escaped || is_escaped;
      if (is_escaped || !is_blank(next)) kept = element_.size();
    }
    element_.resize(kept);
    return kept > 0;
  }

  bool take_character() {
    if (scanner_.at_end()) return false;
    element_.push_back(scanner_.peek());
    return scanner_.eat(scanner_.peek());
  }

  TextFit append_element() {
    const std::size_t start = out_.size();
    append_word(0);
    const TextFit fit = element_from_text_(element_type_, element_, out_);
    const std::size_t bytes = out_.size() - start - sizeof(std::int32_t);
    if (bytes > INT32_MAX) return TextFit::out_of_range;
    store_big_endian(static_cast<std::int32_t>(bytes), out_.data() + start);
    return fit;
  }

  void append_word(std::int32_t word) {
    out_.commit_to(store_big_endian(word, out_.prepare(sizeof word)));
  }

  /// Fills the header in, now that the sizes are known.
  TextFit finish(std::size_t start) {
    const bool is_empty = dimensions_[0].size == 0;
    if (declared_ != 0 && (declared_ != count_ || is_empty)) return TextFit::malformed;
    char* header = out_.data() + start;
    header = store_big_endian(static_cast<std::uint32_t>(is_empty ? 0 : count_), header);
    header = store_big_endian(std::uint32_t{has_null_ ? 1u : 0u}, header);
    header = store_big_endian(element_oid(element_type_.element), header);
    if (is_empty) {
      out_.truncate(start + kHeaderBytes);
      return TextFit::fits;
    }
    for (std::size_t depth = 0; depth < count_; ++depth) {
      const std::int32_t size = dimensions_[depth].size.value_or(0);
      const auto& declared = dimensions_[depth].declared;
      if (declared && declared->size != size) return TextFit::malformed;
      header = store_big_endian(size, header);
      header = store_big_endian(declared ? declared->lower_bound : 1, header);
    }
    return TextFit::fits;
  }

  Type element_type_;
  TextScanner scanner_;
  ElementFromText element_from_text_;
  Buffer& out_;
  std::array<Dimension, kDimensionsMax> dimensions_;
  std::size_t declared_ = 0;
  std::size_t count_ = 0;
  bool has_null_ = false;
  std::string element_;
};

}  // namespace

TextFit array_from_text(const Type& type, std::string_view text, ElementFromText element_from_text,
                        Buffer& out) {
  return ArrayParser(type, text, element_from_text, out).parse();
}

}  // namespace rowferry
