#include "sources/postgres/sample_rows.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "sources/postgres/decoder.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::chrono::seconds kSampleTime{10};

std::int64_t number_in(const boost::json::object& plan, boost::json::string_view name) {
  const boost::json::value* value = plan.if_contains(name);
  boost::system::error_code not_exact;
  return value == nullptr ? 0 : value->to_number<std::int64_t>(not_exact);
}

// [{"Plan": {"Plan Rows": 12, "Plan Width": 8, ...}}]
Estimate read_estimate(std::string_view json) {
  boost::system::error_code code;
  const boost::json::value answer =
      boost::json::parse(boost::json::string_view(json.data(), json.size()), code);
  const bool is_list = !code && answer.is_array() && !answer.get_array().empty() &&
                       answer.get_array().front().is_object();
  const boost::json::value* plan =
      is_list ? answer.get_array().front().get_object().if_contains("Plan") : nullptr;
  if (plan == nullptr || !plan->is_object()) {
    throw Error(Failure::internal, "the server's EXPLAIN is no plan");
  }
  Estimate estimate;
  estimate.rows = number_in(plan->get_object(), "Plan Rows");
  estimate.bytes = estimate.rows * number_in(plan->get_object(), "Plan Width");
  return estimate;
}

}  // namespace

Task<Estimate> estimate_rows(pq::Session& session, std::string select) {
  pq::Statement statement;
  statement.purpose = "estimating rows";
  statement.sql = "EXPLAIN (FORMAT JSON) " + select;
  const pq::Result found = co_await session.query(statement);
  co_return read_estimate(found.text(0, 0));
}

Task<std::shared_ptr<Batch>> sample_rows(pq::Session& session, Projection projection,
                                         std::string select) {
  auto rows = std::make_shared<Batch>();
  rows->clear(projection.schema);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  rows->sequence = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  rows->read_at = std::chrono::steady_clock::now();
  Decoder decoder(std::move(projection), session.text_is_unchecked());
  pq::Statement statement;
  statement.purpose = "reading sample rows";
  statement.sql = fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", select);
  statement.timeout = kSampleTime;
  pq::CopyReader reader = co_await session.copy_out(statement);
  std::string_view tuple;
  pq::CopyStep step = reader.next(tuple);
  for (; step != pq::CopyStep::end; step = reader.next(tuple)) {
    if (step == pq::CopyStep::wait) {
      co_await reader.wait();
    } else {
      decoder.append(tuple, *rows);
    }
  }
  co_return rows;
}

}  // namespace rowferry::postgres
