#include "api/certificate.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "base/blocking.hpp"
#include "base/error.hpp"
#include "base/tls_identity.hpp"

namespace rowferry::api {
namespace {

constexpr std::chrono::seconds kInterval{30};

// What tells one state of a file from another; links are followed, as renewals swap them.
std::string look_of(const std::filesystem::path& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return "none";
  }
  return fmt::format("{}.{}.{}.{}.{}", found.st_dev, found.st_ino, found.st_size,
                     found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
}

struct Reading {
  std::string look;
  TlsIdentity identity;
};

std::string look_of(const TlsFiles& files) {
  return look_of(files.certificate_file) + "/" + look_of(files.private_key_file);
}

// The look is taken first: what changes while it is read is read once more.
Reading read(const TlsFiles& files) {
  Reading reading;
  reading.look = look_of(files);
  reading.identity = load_tls_identity(files.certificate_file, files.private_key_file);
  return reading;
}

bool is_expired(SSL_CTX* identity) {
  return X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(identity))) < 0;
}

}  // namespace

Certificate::Certificate(const Runtime& runtime, TlsFiles files)
    : runtime_(runtime), files_(std::move(files)), asked_(runtime.executor) {}

void Certificate::load() {
  if (!files_.configured()) {
    return;
  }
  Reading reading = read(files_);
  if (reading.identity.fault != TlsIdentity::Fault::none) {
    const bool is_key = reading.identity.fault == TlsIdentity::Fault::private_key;
    throw Error(Failure::config,
                fmt::format("daemon.tls.{}: {}", is_key ? "private_key_file" : "certificate_file",
                            reading.identity.text));
  }
  seen_ = std::move(reading.look);
  take(std::move(reading.identity.context));
}

void Certificate::take(std::shared_ptr<ssl_ctx_st> identity) {
  identity_ = std::move(identity);
  refused_.clear();
  if (is_expired(identity_.get())) {
    runtime_.log.warn("the certificate of the API is out of date: renew it",
                      {{"file", files_.certificate_file.string()}});
  }
}

void Certificate::check_now() {
  is_asked_ = true;
  asked_.notify();
}

void Certificate::stop() {
  is_stopped_ = true;
  asked_.notify();
}

Task<> Certificate::watch() {
  while (!is_stopped_ && files_.configured()) {
    if (!is_asked_) {
      co_await runtime_.clock.wait_for(asked_, kInterval);
    }
    is_asked_ = false;
    if (!is_stopped_) {
      co_await reload_if_changed();
    }
  }
}

Task<> Certificate::reload_if_changed() {
  const TlsFiles files = files_;
  const std::string seen = seen_;
  const auto look_again = [&files, &seen] {
    Reading reading;
    if (look_of(files) != seen) {
      reading = read(files);
    }
    return reading;
  };
  Reading reading = co_await run_blocking(runtime_.workers, look_again);
  if (reading.look.empty()) {
    co_return;
  }
  if (reading.identity.fault == TlsIdentity::Fault::none) {
    seen_ = std::move(reading.look);
    take(std::move(reading.identity.context));
    runtime_.log.info("the certificate of the API was read again");
  } else if (reading.look != refused_) {
    refused_ = std::move(reading.look);
    runtime_.log.warn("the new certificate of the API cannot be used, the old one stays",
                      {{"error", reading.identity.text}});
  }
}

}  // namespace rowferry::api
