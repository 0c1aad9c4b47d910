#include "tests/support/certificate.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

namespace rowferry::test {

Certificate::Certificate(const std::filesystem::path& folder, const std::string& name,
                         const std::string& names)
    : certificate(folder / (name + ".crt")), key(folder / (name + ".key")) {
  const std::string command = fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN={} -addext subjectAltName={} -keyout {} -out {} 2>/dev/null",
      name, names, key.string(), certificate.string());
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("cannot make a certificate: " + command);
  }
}

}  // namespace rowferry::test
