#include "core/connection.hpp"

#include "base/error.hpp"

namespace rowferry {

Task<std::vector<Finding>> Connection::examine() {
  Finding finding{Severity::ok, "answers", ""};
  try {
    co_await probe();
  } catch (const Error& error) {
    finding = finding_of(error);
  }
  std::vector<Finding> findings;
  findings.push_back(std::move(finding));
  co_return findings;
}

}  // namespace rowferry
