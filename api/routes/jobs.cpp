#include <boost/json/array.hpp>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

Task<Response> list_jobs(Control& control, Request /*request*/) {
  const std::vector<JobView> jobs = co_await control.jobs();
  json::array items;
  for (const JobView& job : jobs) {
    items.push_back(job_json(job));
  }
  co_return json_reply(200, json::object{{"items", std::move(items)}, {"next", nullptr}});
}

Task<Response> show_job(Control& control, Request request) {
  const JobView job = co_await control.job(request.parameters["job"]);
  co_return json_reply(200, job_json(job));
}

Task<Response> pause_job(Control& control, Request request) {
  const JobView job = co_await control.pause(request.parameters["job"]);
  co_return json_reply(200, job_json(job));
}

Task<Response> resume_job(Control& control, Request request) {
  const JobView job = co_await control.resume(request.parameters["job"]);
  co_return json_reply(200, job_json(job));
}

Operation for_job(std::string id, std::string summary, std::string answer,
                  std::vector<int> refusals) {
  Operation operation;
  operation.id = std::move(id);
  operation.summary = std::move(summary);
  operation.answer = std::move(answer);
  operation.refusals = std::move(refusals);
  return operation;
}

Operation putting_checkpoint() {
  Operation operation =
      for_job("putCheckpoint", "Give a paused job another checkpoint", "Checkpoint", {404, 409});
  operation.body = "Checkpoint";
  operation.is_body_required = true;
  return operation;
}

Operation erasing_checkpoint() {
  Operation operation =
      for_job("deleteCheckpoint", "Let a paused job forget its checkpoint", "", {404, 409});
  operation.status = 204;
  return operation;
}

Operation repairing() {
  Operation operation =
      for_job("repairPartitions", "Fill what is missing or unfinished", "Run", {404, 409});
  operation.status = 202;
  return operation;
}

void add_later_routes(Router& router) {
  const std::string checkpoint = "/v1/jobs/{job}/checkpoint";
  router.add_not_built(
      "GET", checkpoint, Scope::read,
      for_job("getCheckpoint", "What the job needs to go on", "Checkpoint", {404}));
  router.add_not_built("PUT", checkpoint, Scope::operate, putting_checkpoint());
  router.add_not_built("DELETE", checkpoint, Scope::operate, erasing_checkpoint());
  router.add_not_built("GET", "/v1/jobs/{job}/partitions", Scope::read,
                       for_job("listPartitions", "Every partition, as the sink has it",
                               "PartitionList", {404, 409}));
  router.add_not_built("POST", "/v1/jobs/{job}/partitions/repair", Scope::operate, repairing());
}

}  // namespace

void add_job_routes(Router& router, Control& control) {
  router.add({"GET", "/v1/jobs", Scope::read,
              [&control](Request request) { return list_jobs(control, std::move(request)); },
              for_job("listJobs", "All jobs", "JobList", {})});
  router.add({"GET", "/v1/jobs/{job}", Scope::read,
              [&control](Request request) { return show_job(control, std::move(request)); },
              for_job("getJob", "One job", "Job", {404})});
  router.add(
      {"PUT", "/v1/jobs/{job}/pause", Scope::operate,
       [&control](Request request) { return pause_job(control, std::move(request)); },
       for_job("pauseJob", "Stop after the batch in flight, across restarts", "Job", {404})});
  router.add({"PUT", "/v1/jobs/{job}/resume", Scope::operate,
              [&control](Request request) { return resume_job(control, std::move(request)); },
              for_job("resumeJob", "Go on with a paused or failed job", "Job", {404})});
  add_later_routes(router);
}

}  // namespace rowferry::api
