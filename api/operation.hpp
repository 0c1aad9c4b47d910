#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rowferry::api {

/// A parameter of a route's query.
struct QueryParameter {
  enum class Kind { text, number, word };
  std::string name;
  std::string about;
  Kind kind = Kind::text;
  std::int64_t minimum = 0;                   ///< of a number
  std::int64_t maximum = 0;                   ///< of a number
  std::optional<std::int64_t> fallback = {};  ///< of a number: what an absent one means
  std::vector<std::string> words = {};        ///< what a word may be
};

/// What a route promises: the OpenAPI document is made of it, and requests are held to it.
struct Operation {
  std::string id;       ///< `listRuns`
  std::string summary;  ///< one line
  std::vector<QueryParameter> query = {};
  bool takes_any_query = false;  ///< monitors add what they like
  std::string body = {};         ///< the schema of the JSON body; empty: none is read
  bool is_body_required = false;
  int status = 200;  ///< of success
  std::string answer =
      {};  ///< the schema of a JSON answer; empty: text, or nothing at all with 204
  std::string media_type = "application/json";
  std::vector<int> other_statuses = {};  ///< that come with the same answer
  std::vector<int> refusals = {};        ///< beyond those that every route of its scope may give
};

/// Throws RequestError{400} when the query is not as the operation says.
void check_query(const Operation& operation, const std::map<std::string, std::string>& query);

/// A whole number from `minimum` to `maximum`; nothing when the text is none.
[[nodiscard]] std::optional<std::int64_t> parse_number(const std::string& text,
                                                       std::int64_t minimum, std::int64_t maximum);

}  // namespace rowferry::api
