#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/event_feed.hpp"
#include "api/router.hpp"
#include "engine/control.hpp"

namespace rowferry::api {

/// What `/version` answers.
struct Version {
  std::string version;
  std::string revision;
};

/// `/livez /readyz /metrics /version`.
void add_health_routes(Router& router, Control& control, Version version);
/// `/v1/jobs` and what is below a job.
void add_job_routes(Router& router, Control& control);
/// `/v1/runs` and the runs of a job.
void add_run_routes(Router& router, Control& control);
/// The dead letters of a job.
void add_dead_letter_routes(Router& router, Control& control);
/// `/v1/events`.
void add_event_routes(Router& router, EventFeed& feed);
/// `/`: a page of jobs.
void add_page_route(Router& router);
/// `/v1/openapi.json`: what the router knows when it is asked.
void add_openapi_route(Router& router, const Version& version);

/// A parameter of the query that its operation declares as a number, and that was given rightly.
[[nodiscard]] std::int64_t number_parameter(const Request& request, const std::string& name,
                                            std::int64_t fallback);
/// A parameter of the query; nothing when it is not given.
[[nodiscard]] std::optional<std::string> text_parameter(const Request& request,
                                                        const std::string& name);
/// The body as a JSON object; an absent one is empty. Throws RequestError{400}.
[[nodiscard]] boost::json::object object_body(const Request& request);
/// Whether a text is a date, or a date and time (RFC 3339), of the calendar.
[[nodiscard]] bool is_date(std::string_view text);

}  // namespace rowferry::api
