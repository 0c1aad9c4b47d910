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

// The engine's own text: its numbers keep all their digits.
Response checkpoint_reply(std::string json) {
  Response response;
  response.body = std::move(json);
  return response;
}

Task<Response> show_checkpoint(Control& control, Request request) {
  std::string checkpoint = co_await control.checkpoint(request.parameters["job"]);
  co_return checkpoint_reply(std::move(checkpoint));
}

Task<Response> put_checkpoint(Control& control, Request request) {
  std::string job = request.parameters["job"];
  std::string checkpoint = co_await control.set_checkpoint(std::move(job), std::move(request.body));
  co_return checkpoint_reply(std::move(checkpoint));
}

Task<Response> erase_checkpoint(Control& control, Request request) {
  co_await control.erase_checkpoint(request.parameters["job"]);
  Response response;
  response.status = 204;
  co_return response;
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
  operation.body = "CheckpointBody";
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

void add_checkpoint_routes(Router& router, Control& control) {
  const std::string checkpoint = "/v1/jobs/{job}/checkpoint";
  router.add({"GET", checkpoint, Scope::read,
              [&control](Request request) { return show_checkpoint(control, std::move(request)); },
              for_job("getCheckpoint", "What the job needs to go on", "Checkpoint", {404})});
  router.add({"PUT", checkpoint, Scope::operate,
              [&control](Request request) { return put_checkpoint(control, std::move(request)); },
              putting_checkpoint()});
  router.add({"DELETE", checkpoint, Scope::operate,
              [&control](Request request) { return erase_checkpoint(control, std::move(request)); },
              erasing_checkpoint()});
}

void add_partition_routes(Router& router) {
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
  add_checkpoint_routes(router, control);
  add_partition_routes(router);
}

}  // namespace rowferry::api
