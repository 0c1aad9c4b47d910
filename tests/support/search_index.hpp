#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "http/url.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

/// The value of an environment variable that tests/services/up sets; throws when it is unset, so
/// that the test fails.
[[nodiscard]] std::string service(const char* variable);

/// A name for one index of a real search server that no other test uses; what has the name, or
/// begins with it, is deleted at the end. Looks at the server from outside, past our own code but
/// for the HTTP client.
class SearchIndex {
 public:
  /// `variable` names the server: ROWFERRY_TEST_ELASTICSEARCH or ROWFERRY_TEST_OPENSEARCH.
  SearchIndex(TestLoop& loop, const char* variable);
  ~SearchIndex();
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  /// `host:port` of the server.
  [[nodiscard]] std::string address() const { return client_.endpoint().text(); }

  /// A request to the server; fails when the status is no success, unless that is expected.
  std::string request(http::Method method, const std::string& target, std::string_view body = "");
  /// Creates the index; `body` as the server takes it.
  void create(std::string_view body);
  [[nodiscard]] bool exists();

  /// A setting as the server has it, flat (`index.gc_deletes`); empty: not set.
  [[nodiscard]] std::string setting(const std::string& name);
  /// A document as it was sent, by its id (and routing); nothing when there is none.
  [[nodiscard]] std::optional<std::string> document(const std::string& id,
                                                    const std::string& routing = "");
  /// All documents (10,000 at most) by id, as a search finds them after a refresh.
  [[nodiscard]] std::map<std::string, std::string> documents();
  /// How many documents a search finds now, without a refresh.
  [[nodiscard]] std::size_t visible();

 private:
  http::Response send(http::Method method, const std::string& target, std::string_view body);

  TestLoop& loop_;
  std::string url_;
  std::string name_;
  http::Client client_;
};

}  // namespace rowferry::test
