#include "core/sink.hpp"

namespace rowferry {

CheckpointStore* Sink::checkpoints() { return nullptr; }

std::unique_ptr<Source> Sink::reader(ReaderRequest /*request*/) { return nullptr; }

}  // namespace rowferry
