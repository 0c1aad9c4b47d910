#include "core/sink.hpp"

namespace rowferry {

Task<std::int64_t> Sink::last_run_seq(std::string /*job*/, std::string /*table*/) { co_return 0; }

Task<SinkExamination> Sink::examine(SinkExaminationRequest /*request*/) {
  SinkExamination nothing;
  co_return nothing;
}

CheckpointStore* Sink::checkpoints() { return nullptr; }

std::unique_ptr<Source> Sink::reader(ReaderRequest /*request*/) { return nullptr; }

void Sink::check(const Receipt& /*receipt*/) const {}

}  // namespace rowferry
