#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "base/task.hpp"

namespace rowferry {

/// The threads for work that blocks (DNS, files, sqlite) or burns a processor (encoding,
/// compression).
using WorkerPool = boost::asio::thread_pool;

namespace detail {

template <class F>
Task<std::invoke_result_t<F&>> call_in_place(F function) {
  co_return function();
}

}  // namespace detail

/// Runs `function` on a thread of the pool and resumes on the caller's executor with its result
/// or its exception. What the function refers to must outlive the await.
template <class F>
Task<std::invoke_result_t<F&>> run_blocking(WorkerPool& pool, F function) {
  auto task = detail::call_in_place<F>(std::move(function));
  co_return co_await boost::asio::co_spawn(pool.get_executor(), std::move(task),
                                           boost::asio::use_awaitable);
}

}  // namespace rowferry
