#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

namespace rowferry::http {

/// Whom we trust: TLS 1.2 or later, the server's certificate always verified. Loading reads files:
/// do it on a worker thread.
class TlsContext {
 public:
  /// Trusts the authorities of that PEM file alone, or the system's when it is empty. Throws
  /// Error{config} when the file cannot be read or holds none.
  explicit TlsContext(const std::string& ca_file);

  [[nodiscard]] boost::asio::ssl::context& native() const { return context_; }

 private:
  // A stream is made from a context that is not const, yet changes nothing in it but counts.
  mutable boost::asio::ssl::context context_;
};

}  // namespace rowferry::http
