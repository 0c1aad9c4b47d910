#include "tests/tidy/structure.hpp"

#include <algorithm>

#include "tests/tidy/heads.hpp"

namespace rowferry::tidy {
namespace {

enum class ScopeKind {
  space,
  hidden_space,
  type,
  enumeration,
  function,
  lambda,
  control,
  block,
  case_block,
  value
};

struct Scope {
  ScopeKind kind = ScopeKind::space;
  std::size_t head = 0;          ///< where the statement in which we are began
  std::size_t function = kNone;  ///< the function or lambda whose code this is
  std::size_t depth = 0;         ///< of control blocks in that function
};

bool declares(ScopeKind kind) {
  return kind == ScopeKind::space || kind == ScopeKind::hidden_space || kind == ScopeKind::type;
}

bool runs(ScopeKind kind) {
  return kind == ScopeKind::function || kind == ScopeKind::lambda || kind == ScopeKind::control ||
         kind == ScopeKind::block || kind == ScopeKind::case_block;
}

class Finder {
 public:
  explicit Finder(const std::vector<Token>& tokens) : heads_(tokens) { scopes_.push_back({}); }

  Structure find() {
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      if (heads_.is(i, "{")) {
        open_brace(i);
      } else if (heads_.is(i, "(") || heads_.is(i, "[")) {
        open(ScopeKind::value, i);
      } else if ((heads_.is(i, ")") || heads_.is(i, "]")) && scopes_.size() > 1) {
        scopes_.pop_back();
      } else if (heads_.is(i, "}") && scopes_.size() > 1) {
        close_brace(i);
      } else if (heads_.is(i, ";")) {
        end_statement(i);
      } else if (heads_.is(i, ":")) {
        end_label(i);
      }
    }
    return std::move(found_);
  }

 private:
  Scope& scope() { return scopes_.back(); }
  std::size_t line(std::size_t index) const { return heads_.at(index).line; }

  void open(ScopeKind kind, std::size_t index) {
    Scope inner{kind, index + 1, scope().function, scope().depth};
    if (kind == ScopeKind::control || kind == ScopeKind::block) {
      ++inner.depth;
      note_depth(inner, index);
    }
    scopes_.push_back(inner);
  }

  void note_depth(const Scope& inner, std::size_t index) {
    if (inner.function == kNone) {
      return;
    }
    Function& function = found_.functions[inner.function];
    if (inner.depth > function.nesting) {
      function.nesting = inner.depth;
      function.deepest_line = line(index);
    }
  }

  void open_brace(std::size_t index) {
    const std::size_t lambda = heads_.lambda_open(scope().head, index);
    if (lambda != kNone) {
      open_lambda(lambda, index);
    } else if (declares(scope().kind)) {
      open_declared(index);
    } else if (runs(scope().kind)) {
      open(kind_in_code(index), index);
    } else {
      open(ScopeKind::value, index);
    }
  }

  void open_lambda(std::size_t first, std::size_t index) {
    const std::size_t list = heads_.partner(first) + 1;
    std::size_t parameters = 0;
    if (heads_.is(list, "(")) {
      parameters = heads_.count_parameters(list);
    }
    start_function({"lambda", line(first), line(index), parameters}, ScopeKind::lambda, index);
  }

  void start_function(Function function, ScopeKind kind, std::size_t index) {
    found_.functions.push_back(std::move(function));
    scopes_.push_back({kind, index + 1, found_.functions.size() - 1, 0});
  }

  ScopeKind kind_in_code(std::size_t index) {
    const std::size_t head = scope().head;
    if (head == index) {
      return after_case(index) ? ScopeKind::case_block : ScopeKind::block;
    }
    if (heads_.opens_control(head, index)) {
      return ScopeKind::control;
    }
    return type_kind(head, index);
  }

  bool after_case(std::size_t index) const { return index > 0 && heads_.is(index - 1, ":"); }

  /// What a brace after `struct X`, `enum class X` opens; a value when the head is no type's.
  ScopeKind type_kind(std::size_t begin, std::size_t end) const {
    const std::size_t first = heads_.skip_prefix(begin, end);
    if (heads_.is(first, "enum")) {
      return ScopeKind::enumeration;
    }
    const bool type =
        heads_.is(first, "class") || heads_.is(first, "struct") || heads_.is(first, "union");
    return type ? ScopeKind::type : ScopeKind::value;
  }

  void open_declared(std::size_t index) {
    const std::size_t head = scope().head;
    const std::size_t first = heads_.skip_prefix(head, index);
    const bool linkage = first == index || heads_.at(first).kind == TokenKind::literal;
    if (heads_.is(first, "namespace") || (first > head && linkage)) {
      open(space_kind(first, index), index);
      return;
    }
    if (const ScopeKind kind = type_kind(head, index); kind != ScopeKind::value) {
      open(kind, index);
      return;
    }
    const std::size_t list = heads_.parameters_open(head, index);
    if (list != kNone && heads_.opens_body(head, list, index)) {
      start_function({function_name(list), line(head), line(index), heads_.count_parameters(list)},
                     ScopeKind::function, index);
    } else {
      open(ScopeKind::value, index);
    }
  }

  ScopeKind space_kind(std::size_t first, std::size_t index) {
    const bool hidden = scope().kind == ScopeKind::hidden_space || first + 1 == index ||
                        heads_.is(index - 1, "detail");
    return hidden ? ScopeKind::hidden_space : ScopeKind::space;
  }

  void close_brace(std::size_t index) {
    const Scope closed = scope();
    scopes_.pop_back();
    if (closed.kind == ScopeKind::function || closed.kind == ScopeKind::lambda) {
      found_.functions[closed.function].last_line = line(index);
    }
    if (closed.kind == ScopeKind::value || closed.kind == ScopeKind::lambda) {
      return;
    }
    if (scope().kind == ScopeKind::space && closed.kind == ScopeKind::function) {
      declare(DeclarationKind::function, scope().head, index);
    }
    const bool type = closed.kind == ScopeKind::type || closed.kind == ScopeKind::enumeration;
    if (scope().kind == ScopeKind::space && type) {
      declare(DeclarationKind::type, scope().head, index);
    }
    scope().head = index + 1;
  }

  void end_statement(std::size_t index) {
    const std::size_t head = scope().head;
    if (declares(scope().kind) && head < index) {
      end_declaration(head, index);
    }
    if (scope().kind != ScopeKind::value) {
      scope().head = index + 1;
    }
  }

  void end_declaration(std::size_t head, std::size_t index) {
    const std::size_t first = heads_.skip_prefix(head, index);
    const std::size_t list = heads_.parameters_open(head, index);
    const bool alias = heads_.is(first, "using") || heads_.is(first, "typedef") ||
                       heads_.is(first, "static_assert");
    const bool function = list != kNone && !alias;
    if (function) {
      found_.functions.push_back(
          {function_name(list), line(head), line(index), heads_.count_parameters(list), 0, 0});
    }
    if (scope().kind != ScopeKind::space) {
      return;
    }
    const bool type = !function && type_kind(head, index) != ScopeKind::value;
    declare(function ? DeclarationKind::function
                     : (type ? DeclarationKind::type : DeclarationKind::other),
            head, index);
    found_.declarations.back().forward = type;
  }

  void declare(DeclarationKind kind, std::size_t head, std::size_t index) {
    Declaration declaration;
    declaration.kind = kind;
    declaration.first_line = line(head);
    declaration.last_line = line(index);
    if (kind == DeclarationKind::function) {
      const std::size_t list = heads_.parameters_open(head, index);
      declaration.name = function_name(list);
      declaration.member = list > head + 1 && heads_.is(list - 2, "::");
    } else {
      declaration.name = type_name(head, index);
    }
    found_.declarations.push_back(std::move(declaration));
  }

  /// The name before a parameter list; `operator` for any operator.
  std::string function_name(std::size_t list) const {
    return heads_.is_word(list - 1) ? heads_.at(list - 1).text : "operator";
  }

  std::string type_name(std::size_t head, std::size_t index) const {
    const std::size_t first = heads_.skip_prefix(head, index);
    const std::size_t words = heads_.is(first, "enum") && heads_.is(first + 1, "class") ? 2 : 1;
    return heads_.at(std::min(first + words, index)).text;
  }

  void end_label(std::size_t index) {
    const std::size_t head = scope().head;
    const bool access = heads_.is(index - 1, "public") || heads_.is(index - 1, "private") ||
                        heads_.is(index - 1, "protected");
    const bool label =
        runs(scope().kind) && (heads_.is(head, "case") || heads_.is(head, "default"));
    if ((access && scope().kind == ScopeKind::type) || label) {
      scope().head = index + 1;
    }
  }

  Heads heads_;
  std::vector<Scope> scopes_;
  Structure found_;
};

}  // namespace

Structure find_structure(const std::vector<Token>& tokens) { return Finder(tokens).find(); }

}  // namespace rowferry::tidy
