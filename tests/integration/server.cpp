#include "tests/integration/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace rowferry::test {
namespace {

using boost::asio::ip::tcp;

/// A port that nobody listens on now.
int free_port() {
  boost::asio::io_context context;
  const auto any = tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0);
  const tcp::acceptor acceptor(context, any);
  return acceptor.local_endpoint().port();
}

void shell(const std::string& command) {
  const int status = std::system(command.c_str());
  if (status != 0) {
    throw std::runtime_error(fmt::format("status {} of: {}", status, command));
  }
}

constexpr const char* kPassword = "a private password";

}  // namespace

std::string required_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(fmt::format("{} is not set: run tests/services/up", name));
  }
  return value;
}

pq::ConnectSettings shared_server() {
  pq::ConnectSettings settings;
  settings.name = "shop";
  settings.dsn = required_environment("ROWFERRY_TEST_POSTGRES");
  settings.application_name = "rowferry/shop";
  settings.statement_timeout = std::chrono::seconds(30);
  return settings;
}

std::string with(const std::string& dsn, const std::string& keywords) {
  return fmt::format("{} {}", dsn, keywords);
}

pq::Environment environment(TestLoop& loop) {
  const Runtime& runtime = loop.runtime();
  return pq::Environment{runtime.executor, runtime.workers, runtime.log};
}

std::unique_ptr<pq::Session> open_session(TestLoop& loop, const pq::ConnectSettings& settings) {
  return loop.run(pq::Session::connect(settings, environment(loop)));
}

std::string run_sql(TestLoop& loop, const std::string& sql) {
  const auto session = open_session(loop, shared_server());
  const pq::Statement statement{"preparing a test", sql};
  const pq::Result result = loop.run(session->query(statement));
  return result.rows() > 0 ? std::string(result.text(0, 0)) : std::string();
}

PrivateServer::PrivateServer(const PrivateServer* primary) : port_(free_port()) {
  if (primary != nullptr) {
    standby_of_ = fmt::format("{} password='{}'", primary->settings().dsn, kPassword);
  }
  control("start");
}

PrivateServer::~PrivateServer() {
  try {
    control("stop");
  } catch (const std::runtime_error&) {
    // Then it has been killed; its folder goes either way.
  }
}

void PrivateServer::control(const std::string& verb) const {
  shell(
      fmt::format("ROWFERRY_SERVICES_DIR='{}' ROWFERRY_POSTGRES_PORT={} "
                  "ROWFERRY_POSTGRES_SHARED_BUFFERS=32MB ROWFERRY_POSTGRES_STANDBY_OF=\"{}\" "
                  "ROWFERRY_POSTGRES_PASSWORD='{}' '{}/postgres' {} >/dev/null",
                  folder_.path().string(), port_, standby_of_, kPassword,
                  required_environment("ROWFERRY_TEST_SERVICES"), verb));
}

pq::ConnectSettings PrivateServer::settings() const {
  pq::ConnectSettings settings = shared_server();
  settings.dsn = fmt::format("host=127.0.0.1 port={} user=postgres dbname=postgres", port_);
  settings.password = Secret(kPassword);
  return settings;
}

std::filesystem::path PrivateServer::use_tls(TestLoop& loop) const {
  const std::filesystem::path folder = folder_.path() / "postgres";
  const std::string certificate = (folder / "server.crt").string();
  const std::string key = (folder / "server.key").string();
  shell(
      fmt::format("openssl req -new -x509 -days 2 -nodes -subj /CN=localhost "
                  "-addext subjectAltName=IP:127.0.0.1 -out '{}' -keyout '{}' 2>/dev/null",
                  certificate, key));
  shell(fmt::format("chmod 600 '{1}'; chown \"$(stat -c %U '{0}')\" '{1}'",
                    (folder / "data").string(), key));
  const auto session = open_session(loop, settings());
  for (const std::string& change :
       {fmt::format("ssl_cert_file = '{}'", certificate), fmt::format("ssl_key_file = '{}'", key),
        std::string("ssl = on")}) {
    const pq::Statement alter{"turning TLS on", fmt::format("ALTER SYSTEM SET {}", change)};
    loop.run(session->execute(alter));
  }
  const pq::Statement reload{"turning TLS on", "SELECT pg_reload_conf()"};
  loop.run(session->execute(reload));
  return certificate;
}

}  // namespace rowferry::test
