#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

#include "api/embedded.hpp"
#include "api/routes/routes.hpp"
#include "base/sha256.hpp"

namespace rowferry::api {
namespace {

// `sha256-...`, by which a browser knows the one script and the one style that may stand in a page
// (Content Security Policy level 3, section 2.3.1).
std::string hash_source(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  const Sha256::Digest digest = hash.finish();
  std::array<unsigned char, 45> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return fmt::format("'sha256-{}'", reinterpret_cast<const char*>(base64.data()));
}

std::string replaced(std::string text, std::string_view mark, std::string_view content) {
  const std::size_t at = text.find(mark);
  return text.replace(at, mark.size(), content);
}

Response page() {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = replaced(std::string(kPageHtml), "/*style*/", kPageCss);
  response.body = replaced(std::move(response.body), "/*script*/", kPageJs);
  response.headers.emplace_back(
      "Content-Security-Policy",
      fmt::format("default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src "
                  "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                  hash_source(kPageJs), hash_source(kPageCss)));
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace

void add_page_route(Router& router) {
  Operation operation;
  operation.id = "getPage";
  operation.summary = "A page of jobs for people";
  operation.takes_any_query = true;
  operation.media_type = "text/html";
  router.add({"GET", "/", Scope::open,
              [answer = page()](Request) -> Task<Response> { co_return answer; }, operation});
}

}  // namespace rowferry::api
