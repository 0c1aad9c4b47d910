#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>

#include "api/router.hpp"
#include "api/server.hpp"
#include "base/task.hpp"

namespace rowferry::api {

/// One client's connection: requests are read, answered in order, until it goes away, is too slow
/// or breaks the protocol.
class Session {
 public:
  Session(boost::asio::generic::stream_protocol::socket socket, const Router& router,
          const Limits& limits);
  ~Session();

  /// Serves until the connection ends; never throws.
  Task<> run();

  /// Ends the connection now.
  void close();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry::api
