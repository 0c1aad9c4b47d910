#include "pq/failure.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <span>

namespace rowferry::pq {
namespace {

/// What is known of an SQLSTATE, or of all that begin so.
struct Known {
  std::string_view prefix;
  Failure failure;
  std::string_view advice;
};

constexpr std::string_view kCreateIt = "create it, or correct the configuration";
constexpr std::string_view kGrantIt = "grant it to the connection's user";
constexpr std::string_view kLogIn =
    "correct the user or password in the configuration, or the server's pg_hba.conf";

/// The first prefix that fits decides, so a single state stands before its class.
constexpr auto kKnown = std::to_array<Known>({
    {"08", Failure::transient, ""},
    {"0A", Failure::config, ""},
    {"25006", Failure::transient, "the server is read-only: a standby, or set so"},
    {"25", Failure::transient, ""},
    {"28", Failure::transient, kLogIn},
    {"3D", Failure::transient, kCreateIt},
    {"3F", Failure::transient, kCreateIt},
    {"40", Failure::transient, ""},
    {"42501", Failure::transient, kGrantIt},
    {"42P01", Failure::transient, kCreateIt},
    {"42703", Failure::transient, kCreateIt},
    {"42704", Failure::transient, kCreateIt},
    {"42", Failure::config, "correct the configuration"},
    {"53100", Failure::transient, "the server's disk is full"},
    {"53200", Failure::too_large, ""},
    {"53300", Failure::transient, "raise the server's max_connections or lower max_sessions"},
    {"53", Failure::transient, ""},
    {"54", Failure::too_large, ""},
    {"55", Failure::transient, ""},
    {"57014", Failure::too_large, ""},
    {"57", Failure::transient, ""},
    {"58", Failure::transient, ""},
    {"XX", Failure::transient, ""},
});

const Known* find_known(std::string_view sqlstate) {
  for (const Known& known : kKnown) {
    if (sqlstate.starts_with(known.prefix)) {
      return &known;
    }
  }
  return nullptr;
}

/// A server may quote a whole row in its complaint.
constexpr std::size_t kPartBytesMax = 1000;

std::string bounded(std::string_view text) {
  if (text.size() <= kPartBytesMax) {
    return std::string(text);
  }
  std::size_t end = kPartBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return fmt::format("{}...", text.substr(0, end));
}

std::string field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](unsigned char character) {
           return std::isdigit(character) != 0 || (character >= 'A' && character <= 'Z');
         });
}

/// In the verbose form a server's line reads `SEVERITY:  SQLSTATE: text`.
std::optional<std::string_view> sqlstate_in(std::string_view text) {
  constexpr std::string_view kMark = ":  ";
  for (std::size_t at = text.find(kMark); at != std::string_view::npos;
       at = text.find(kMark, at + 1)) {
    const std::string_view state = text.substr(at + kMark.size(), 5);
    if (is_sqlstate(state) && text.substr(at + kMark.size() + 5).starts_with(": ")) {
      return state;
    }
  }
  return std::nullopt;
}

/// `LOCATION:  auth_failed, auth.c:326`, whatever the language of the first word.
bool is_source_place(std::string_view line) {
  const std::size_t file_end = line.rfind(".c:");
  return file_end != std::string_view::npos && line.find(":  ") < file_end &&
         std::all_of(line.begin() + file_end + 3, line.end(),
                     [](unsigned char character) { return std::isdigit(character) != 0; });
}

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
}

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

/// The cause of a failed connection that no server told us, from libpq's own words.
std::string_view local_cause(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kTls = {"SSL", "certificate", "TLS"};
  static constexpr std::array<std::string_view, 3> kAuthentication = {"no password supplied",
                                                                      "authentication", "SCRAM"};
  if (contains_any(text, kTls)) {
    return "tls";
  }
  return contains_any(text, kAuthentication) ? "authentication" : "unreachable";
}

std::string_view local_advice(std::string_view cause) {
  if (cause == "tls") {
    return "check sslmode and sslrootcert in the dsn, and the server's certificate";
  }
  if (cause == "authentication") {
    return kLogIn;
  }
  return cause == "unreachable" ? "check host and port in the dsn, and that the server runs" : "";
}

void append_part(std::string& text, std::string_view part) {
  if (!part.empty()) {
    text.append("; ");
    text.append(bounded(part));
  }
}

}  // namespace

Failure classify(std::string_view sqlstate) {
  const Known* known = find_known(sqlstate);
  return known == nullptr ? Failure::rejected : known->failure;
}

std::string_view advice(std::string_view reason) {
  const Known* known = find_known(reason);
  return known == nullptr ? local_advice(reason) : known->advice;
}

ServerMessage message_of(const pg_result* result) {
  ServerMessage message{field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_PRIMARY),
                        field(result, PG_DIAG_MESSAGE_DETAIL), field(result, PG_DIAG_MESSAGE_HINT)};
  if (message.text.empty()) {
    message.text = one_line(PQresultErrorMessage(result));
  }
  return message;
}

Error server_error(std::string_view what, const ServerMessage& message) {
  std::string text = fmt::format("{}: {}", what, bounded(message.text));
  if (!message.sqlstate.empty()) {
    text.append(fmt::format(" ({})", message.sqlstate));
  }
  append_part(text, message.detail);
  append_part(text, message.hint);
  append_part(text, advice(message.sqlstate));
  return Error(classify(message.sqlstate), text).with_reason(message.sqlstate);
}

Error connect_error(std::string_view what, std::string_view libpq_text) {
  const std::optional<std::string_view> state = sqlstate_in(libpq_text);
  const std::string_view cause = state ? *state : local_cause(libpq_text);
  std::string text = fmt::format("{}: {}", what, bounded(one_line(libpq_text)));
  append_part(text, state ? advice(*state) : local_advice(cause));
  return Error(Failure::transient, text).with_reason(std::string(cause));
}

std::string one_line(std::string_view libpq_text) {
  std::string joined;
  while (!libpq_text.empty()) {
    const std::size_t end = std::min(libpq_text.find('\n'), libpq_text.size());
    const std::string_view line = trimmed(libpq_text.substr(0, end));
    libpq_text.remove_prefix(std::min(end + 1, libpq_text.size()));
    if (line.empty() || is_source_place(line)) {
      continue;
    }
    joined.append(joined.empty() ? "" : "; ").append(line);
  }
  return joined;
}

}  // namespace rowferry::pq
