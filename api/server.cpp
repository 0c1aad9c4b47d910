#include "api/server.hpp"

#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <set>
#include <utility>

#include "api/session.hpp"
#include "base/async.hpp"

namespace rowferry::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Phase = Session::Phase;

constexpr std::chrono::milliseconds kAcceptPause{100};

// Who goes first when there is no room: who waits for a client's request or farewell, then who
// waits for a client to take its answer. Nobody whose request is being carried out, and no
// listener.
int patience(Phase phase) {
  switch (phase) {
    case Phase::reading:
    case Phase::ending:
      return 0;
    case Phase::writing:
      return 1;
    case Phase::answering:
    case Phase::streaming:
      return 2;
  }
  return 2;
}

}  // namespace

struct Server::Body {
  Body(const Runtime& known, ServerSettings wanted, const Router& router)
      : runtime(known),
        settings(std::move(wanted)),
        house{router, settings.limits},
        certificate(known, settings.tls),
        acceptor(known.executor),
        tasks(known.executor),
        session_ended(known.executor) {}

  [[nodiscard]] std::size_t asking() const;
  bool send_one_away();
  Task<> make_room();
  Task<> accept_one();
  Task<> run_session(std::shared_ptr<Session> session);

  const Runtime& runtime;
  ServerSettings settings;
  SessionHouse house;
  Certificate certificate;
  Acceptor acceptor;
  TaskGroup tasks;
  Event session_ended;
  std::set<Session*> sessions;
  bool is_stopped = false;
};

// Listeners are counted elsewhere.
std::size_t Server::Body::asking() const {
  return static_cast<std::size_t>(
      std::count_if(sessions.begin(), sessions.end(),
                    [](const Session* session) { return session->phase() != Phase::streaming; }));
}

// Closes the session that has been idle or slow for longest. False when there is none.
bool Server::Body::send_one_away() {
  const auto goes_before = [](const Session* one, const Session* other) {
    const int mine = patience(one->phase());
    const int theirs = patience(other->phase());
    return mine != theirs ? mine < theirs : one->since() < other->since();
  };
  const auto chosen = std::min_element(sessions.begin(), sessions.end(), goes_before);
  if (chosen == sessions.end() || patience((*chosen)->phase()) > 1) {
    return false;
  }
  Session* session = *chosen;
  sessions.erase(chosen);
  session->close();
  return true;
}

Task<> Server::Body::make_room() {
  while (!is_stopped && asking() >= settings.limits.connections_max) {
    if (!send_one_away()) {
      co_await session_ended.wait();
    }
  }
}

Task<> Server::Body::run_session(std::shared_ptr<Session> session) {
  co_await session->run();
  sessions.erase(session.get());
  session_ended.notify();
}

Task<> Server::Body::accept_one() {
  Transport::Socket socket(runtime.executor);
  error_code code;
  co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, code));
  if (is_stopped) {
    co_return;
  }
  if (code) {
    // Out of descriptors, most likely: make one free, or wait for some to come back.
    runtime.log.warn("the API could not accept a client", {{"error", code.message()}});
    send_one_away();
    asio::steady_timer pause(runtime.executor, kAcceptPause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, code));
    co_return;
  }
  co_await make_room();
  if (!is_stopped) {
    auto session = std::make_shared<Session>(std::move(socket), house, certificate.identity());
    sessions.insert(session.get());
    tasks.spawn(run_session(session));
  }
}

Server::Server(const Runtime& runtime, ServerSettings settings, const Router& router)
    : body_(std::make_unique<Body>(runtime, std::move(settings), router)) {}

Server::~Server() = default;

void Server::start() {
  body_->certificate.load();
  open_listener(body_->settings.listen, body_->acceptor);
}

std::uint16_t Server::port() const { return bound_port(body_->acceptor); }

Task<> Server::serve() {
  Body& body = *body_;
  body.tasks.spawn(body.certificate.watch());
  while (!body.is_stopped) {
    co_await body.accept_one();
  }
  co_await body.tasks.join();
}

void Server::reload_certificate() { body_->certificate.check_now(); }

void Server::stop() {
  Body& body = *body_;
  body.is_stopped = true;
  body.certificate.stop();
  error_code ignored;
  body.acceptor.close(ignored);
  for (Session* session : body.sessions) {
    session->close();
  }
  body.session_ended.notify();
  if (!body.settings.listen.unix_path.empty()) {
    ::unlink(body.settings.listen.unix_path.c_str());
  }
}

}  // namespace rowferry::api
