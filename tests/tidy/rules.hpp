#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_text.hpp"

namespace rowferry::tidy {

using Violations = std::vector<Violation>;

/// At most 400 lines a file and 100 columns a line, for every kind of text.
void check_size(std::string_view path, const std::vector<std::string>& lines, Violations& out);

/// No mark of unfinished work, in code or comments.
void check_unfinished(std::string_view path, const std::vector<std::string>& lines,
                      Violations& out);

/// At most 60 lines and 5 parameters a function, 3 levels of nesting.
void check_functions(const SourceText& source, Violations& out);

/// A header outside tests has `///` before each type and free function of a named namespace. One
/// comment may stand for several declarations with no empty line between them.
void check_documentation(const SourceText& source, Violations& out);

/// `#pragma once` opens each header; no macros outside tests.
void check_preprocessor(const SourceText& source, Violations& out);

/// No detached coroutines and threads; no sleeping in unit and contract tests; no skipped tests.
void check_banned_words(const SourceText& source, Violations& out);

/// Each #include follows the table of arrows in lib/README.md, and a library that belongs to one
/// folder is included there only.
void check_includes(const SourceText& source, Violations& out);

}  // namespace rowferry::tidy
