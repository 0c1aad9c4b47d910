#pragma once

#include <string>

#include "api/router.hpp"
#include "engine/control.hpp"

namespace rowferry::api {

/// What `/version` answers.
struct Version {
  std::string version;
  std::string revision;
};

/// `/livez /readyz /metrics /version /`.
void add_health_routes(Router& router, Control& control, Version version);
/// `/v1/jobs` and what is below a job.
void add_job_routes(Router& router, Control& control);
/// `/v1/runs` and the runs of a job.
void add_run_routes(Router& router, Control& control);
/// The dead letters of a job.
void add_dead_letter_routes(Router& router, Control& control);

/// A query parameter as a number from `minimum` to `maximum`; throws RequestError{400}.
[[nodiscard]] std::int64_t number_parameter(const Request& request, const std::string& name,
                                            std::int64_t fallback, std::int64_t minimum,
                                            std::int64_t maximum);
/// Throws RequestError{400} when the query has a parameter that is not in the list.
void allow_parameters(const Request& request, std::initializer_list<std::string_view> names);

}  // namespace rowferry::api
