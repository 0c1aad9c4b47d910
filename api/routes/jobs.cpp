#include <boost/json/array.hpp>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

Task<Response> list_jobs(Control& control, Request request) {
  allow_parameters(request, {});
  const std::vector<JobView> jobs = co_await control.jobs();
  json::array items;
  for (const JobView& job : jobs) {
    items.push_back(job_json(job));
  }
  co_return json_reply(200, json::object{{"items", std::move(items)}, {"next", nullptr}});
}

Task<Response> show_job(Control& control, Request request) {
  allow_parameters(request, {});
  const JobView job = co_await control.job(request.parameters["job"]);
  co_return json_reply(200, job_json(job));
}

Task<Response> pause_job(Control& control, Request request) {
  allow_parameters(request, {});
  const JobView job = co_await control.pause(request.parameters["job"]);
  co_return json_reply(200, job_json(job));
}

Task<Response> resume_job(Control& control, Request request) {
  allow_parameters(request, {});
  const JobView job = co_await control.resume(request.parameters["job"]);
  co_return json_reply(200, job_json(job));
}

}  // namespace

void add_job_routes(Router& router, Control& control) {
  router.add({"GET", "/v1/jobs", Scope::read,
              [&control](Request request) { return list_jobs(control, std::move(request)); }});
  router.add({"GET", "/v1/jobs/{job}", Scope::read,
              [&control](Request request) { return show_job(control, std::move(request)); }});
  router.add({"PUT", "/v1/jobs/{job}/pause", Scope::operate,
              [&control](Request request) { return pause_job(control, std::move(request)); }});
  router.add({"PUT", "/v1/jobs/{job}/resume", Scope::operate,
              [&control](Request request) { return resume_job(control, std::move(request)); }});
  router.add_not_built("GET", "/v1/jobs/{job}/checkpoint", Scope::read);
  router.add_not_built("PUT", "/v1/jobs/{job}/checkpoint", Scope::operate);
  router.add_not_built("DELETE", "/v1/jobs/{job}/checkpoint", Scope::operate);
  router.add_not_built("GET", "/v1/jobs/{job}/partitions", Scope::read);
  router.add_not_built("POST", "/v1/jobs/{job}/partitions/repair", Scope::operate);
}

}  // namespace rowferry::api
