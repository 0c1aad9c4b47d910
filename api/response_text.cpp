#include "api/response_text.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include "api/reply.hpp"

namespace rowferry::api {
namespace {

// RFC 9110 section 5.6.7.
std::string http_date(WallTime now) {
  return date::format("%a, %d %b %Y %T GMT",
                      std::chrono::time_point_cast<std::chrono::seconds>(now));
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

void append_length(std::string& head, const Response& response, const Framing& framing) {
  if (!response.stream) {
    append_header(head, "Content-Length", std::to_string(response.body.size()));
  } else if (framing.takes_chunks) {
    append_header(head, "Transfer-Encoding", "chunked");
  }
}

}  // namespace

std::string response_head(const Response& response, const Framing& framing, WallTime now) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_header(head, "Date", http_date(now));
  append_header(head, "Server", "rowferry");
  append_header(head, "X-Content-Type-Options", "nosniff");
  append_header(head, "Cache-Control", "no-store");
  append_header(head, "Cross-Origin-Resource-Policy", "same-origin");
  for (const auto& [name, value] : response.headers) {
    append_header(head, name, value);
  }
  if (response.status != 204) {
    append_header(head, "Content-Type", response.content_type);
    append_length(head, response, framing);
  }
  append_header(head, "Connection", framing.keeps_connection ? "keep-alive" : "close");
  head += "\r\n";
  return head;
}

std::string chunk(std::string_view piece) {
  return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

}  // namespace rowferry::api
