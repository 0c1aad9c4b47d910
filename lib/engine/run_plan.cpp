#include "engine/run_plan.hpp"

namespace rowferry {

bool reads_all_changes(RunType type) { return type != RunType::replay && type != RunType::sweep; }

bool is_unfinished(const Checkpoint& committed) {
  return committed.run_seq != 0 && !committed.complete;
}

RunPlan plan_run(const RunPlanInput& input) {
  RunPlan plan;
  plan.run_seq = input.run_seq;
  plan.full_copy = input.type == RunType::full || !input.incremental;
  if (input.type == RunType::replay) {
    plan.full_copy = false;
  }
  const bool goes_on = input.run_seq != 0 && input.run_seq == input.committed.run_seq;
  const bool joins = !goes_on && input.identity == SinkIdentity::run &&
                     input.type != RunType::full && is_unfinished(input.committed);
  if (joins) {
    plan.run_seq = input.committed.run_seq;
  }
  if ((joins || goes_on) && input.committed_by_full_copy) {
    plan.full_copy = true;
  }
  if (input.type == RunType::replay) {
    // Whatever it joins, it reads keys and leaves the position where it is.
    return plan;
  }
  plan.from_start = plan.full_copy && !joins;
  return plan;
}

}  // namespace rowferry
