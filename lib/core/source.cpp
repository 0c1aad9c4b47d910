#include "core/source.hpp"

namespace rowferry {

Task<std::vector<std::string>> Source::units() {
  std::vector<std::string> only_unit(1);
  co_return only_unit;
}

Task<SourceExamination> Source::examine(SourceExaminationRequest /*request*/) {
  SourceExamination nothing;
  co_return nothing;
}

}  // namespace rowferry
