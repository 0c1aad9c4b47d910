#pragma once

#include <string_view>

namespace rowferry::api {

/// The contents of files of this folder, compiled into the program: `openapi/schemas.json`, and
/// `ui/page.html`, `ui/page.css`, `ui/page.js`.
extern const std::string_view kSchemasJson;
extern const std::string_view kPageHtml;
extern const std::string_view kPageCss;
extern const std::string_view kPageJs;

}  // namespace rowferry::api
