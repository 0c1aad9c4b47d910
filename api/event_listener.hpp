#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"

namespace rowferry::api {

/// An event as it is sent, shared by all who listen.
using EventText = std::shared_ptr<const std::string>;

/// The text of a server-sent event; `data` is one line.
[[nodiscard]] EventText event_text(std::string_view name, std::string_view data);

/// Somebody who listens to events. What waits for it is bounded: who is too slow is dropped.
class EventListener {
 public:
  /// The clock outlives the listener.
  EventListener(const boost::asio::any_io_executor& executor, const Clock& clock);

  /// What to send next: waiting events, or a comment after a while of silence. Empty: the end.
  Task<std::string> next();
  /// Ends `next`: the client is gone, too slow, or everything was said.
  void close();

  /// Adds a part of the state at the beginning, however much that is: all listeners share it.
  void welcome(EventText event);
  /// Adds a change; drops the listener when too much waits already.
  void push(EventText event);

  /// Whether it has been told the state at the beginning.
  bool is_welcomed = false;

 private:
  const Clock& clock_;
  Event changed_;
  std::deque<EventText> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool is_closed_ = false;
};

}  // namespace rowferry::api
