#include "base/tls_identity.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"

namespace rowferry {
namespace {

using Fault = TlsIdentity::Fault;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> reader(std::string_view text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// OpenSSL's reason for its last failure; forgets it.
std::string last_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the file is damaged" : reason;
}

/// Says that there is no passphrase, where OpenSSL would ask the terminal.
int no_passphrase(char* /*room*/, int /*size*/, int /*writing*/, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

TlsIdentity faulty(Fault fault, std::string text) {
  ERR_clear_error();
  TlsIdentity identity;
  identity.fault = fault;
  identity.text = std::move(text);
  return identity;
}

struct Pem {
  std::string text;
  std::string problem;
};

Pem read_pem(const std::filesystem::path& path) {
  Pem pem;
  try {
    pem.text = read_file(path);
  } catch (const Error& error) {
    pem.problem = error.what();
  }
  return pem;
}

TlsIdentity no_certificate(const std::filesystem::path& file, std::string_view text) {
  const bool is_key = text.find("PRIVATE KEY-----") != std::string_view::npos;
  return faulty(Fault::certificate,
                fmt::format("{} holds no certificate{}", file.string(),
                            is_key ? " but a private key: are the two files swapped?"
                                   : " in PEM form (-----BEGIN CERTIFICATE-----)"));
}

TlsIdentity no_key(const std::filesystem::path& file, std::string_view text, bool is_encrypted) {
  if (is_encrypted) {
    return faulty(Fault::private_key,
                  fmt::format("the key in {0} has a passphrase; write it without one: openssl pkey "
                              "-in {0} -out NEW_FILE",
                              file.string()));
  }
  const bool is_certificate = text.find("BEGIN CERTIFICATE-----") != std::string_view::npos;
  return faulty(Fault::private_key,
                fmt::format("{} holds no private key{}", file.string(),
                            is_certificate ? " but a certificate: are the two files swapped?"
                                           : " in PEM form (-----BEGIN PRIVATE KEY-----)"));
}

TlsIdentity mismatch(const std::filesystem::path& certificate_file,
                     const std::filesystem::path& key_file) {
  return faulty(Fault::private_key,
                fmt::format("the key in {} does not belong to the first certificate in {}; the "
                            "server's own certificate comes first, and its key is the one that it "
                            "was requested with",
                            key_file.string(), certificate_file.string()));
}

std::shared_ptr<SSL_CTX> make_context() {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) {
    throw Error(Failure::internal, "OpenSSL makes no TLS context: " + last_reason());
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  return context;
}

/// The certificates behind the first: what leads from it to its authority. False: one is damaged.
bool add_chain(SSL_CTX* context, BIO* pem) {
  Owned<X509> next(PEM_read_bio_X509(pem, nullptr, nullptr, nullptr));
  while (next) {
    // What the macro SSL_CTX_add1_chain_cert stands for, without its old cast.
    if (SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, next.get()) != 1) {
      return false;
    }
    next.reset(PEM_read_bio_X509(pem, nullptr, nullptr, nullptr));
  }
  return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

}  // namespace

TlsIdentity load_tls_identity(const std::filesystem::path& certificate_file,
                              const std::filesystem::path& private_key_file) {
  ERR_clear_error();
  const Pem certificates = read_pem(certificate_file);
  const Pem keys = read_pem(private_key_file);
  if (!certificates.problem.empty() || !keys.problem.empty()) {
    return certificates.problem.empty() ? faulty(Fault::private_key, keys.problem)
                                        : faulty(Fault::certificate, certificates.problem);
  }
  TlsIdentity identity;
  identity.context = make_context();
  const Owned<BIO> chain = reader(certificates.text);
  const Owned<X509> certificate(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    return no_certificate(certificate_file, certificates.text);
  }
  bool is_encrypted = false;
  const Owned<BIO> key_text = reader(keys.text);
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, &is_encrypted));
  if (!key) {
    return no_key(private_key_file, keys.text, is_encrypted);
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return mismatch(certificate_file, private_key_file);
  }
  SSL_CTX* context = identity.context.get();
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      !add_chain(context, chain.get())) {
    return faulty(Fault::certificate, fmt::format("the certificates in {} cannot be used: {}",
                                                  certificate_file.string(), last_reason()));
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return faulty(Fault::private_key, fmt::format("the key in {} cannot be used: {}",
                                                  private_key_file.string(), last_reason()));
  }
  ERR_clear_error();
  return identity;
}

}  // namespace rowferry
