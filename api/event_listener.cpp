#include "api/event_listener.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace rowferry::api {
namespace {

constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::size_t kWaitingBytesMax = 1u << 20;
constexpr std::size_t kPieceBytes = 64u << 10;

}  // namespace

// HTML living standard, section 9.2.6.
EventText event_text(std::string_view name, std::string_view data) {
  return std::make_shared<const std::string>(fmt::format("event: {}\ndata: {}\n\n", name, data));
}

EventListener::EventListener(const boost::asio::any_io_executor& executor, const Clock& clock)
    : clock_(clock), changed_(executor) {
  // Clients that lose us come back after this.
  welcome(std::make_shared<const std::string>("retry: 2000\n\n"));
}

void EventListener::close() {
  is_closed_ = true;
  waiting_.clear();
  changed_.notify();
}

void EventListener::welcome(EventText event) {
  if (!is_closed_) {
    waiting_.push_back(std::move(event));
    changed_.notify();
  }
}

void EventListener::push(EventText event) {
  waiting_bytes_ += event->size();
  if (waiting_bytes_ > kWaitingBytesMax) {
    close();
  } else {
    welcome(std::move(event));
  }
}

Task<std::string> EventListener::next() {
  bool is_woken = true;
  while (waiting_.empty() && !is_closed_ && is_woken) {
    is_woken = co_await clock_.wait_for(changed_, kHeartbeat);
  }
  if (is_closed_) {
    co_return std::string();
  }
  if (waiting_.empty()) {
    co_return std::string(": nothing new\n\n");
  }
  std::string piece;
  while (!waiting_.empty() && piece.size() < kPieceBytes) {
    piece += *waiting_.front();
    waiting_.pop_front();
  }
  if (waiting_.empty()) {
    waiting_bytes_ = 0;
  }
  co_return piece;
}

}  // namespace rowferry::api
