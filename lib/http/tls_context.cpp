#include "http/tls_context.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace rowferry::http {

namespace ssl = boost::asio::ssl;

TlsContext::TlsContext(const std::string& ca_file) : context_(ssl::context::tls_client) {
  SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
  context_.set_verify_mode(ssl::verify_peer);
  boost::system::error_code code;
  if (ca_file.empty()) {
    context_.set_default_verify_paths(code);
  } else {
    context_.load_verify_file(ca_file, code);
  }
  if (code) {
    const std::string what = ca_file.empty() ? "the system's authorities" : ca_file;
    throw Error(Failure::config,
                fmt::format("cannot read certificates from {}: {}", what, code.message()))
        .with_reason("tls");
  }
}

}  // namespace rowferry::http
