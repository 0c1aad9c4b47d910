#pragma once

#include <boost/asio/awaitable.hpp>

namespace rowferry {

/// The only coroutine type of the program. All tasks run on the one event-loop thread.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace rowferry
