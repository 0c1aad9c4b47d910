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

std::unique_ptr<Source> Source::reader_of(std::vector<std::string> /*keys_json*/) {
  return nullptr;
}

void Source::check(const Position& /*position*/) const {}

}  // namespace rowferry
