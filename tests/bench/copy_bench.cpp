// Rows a second of COPY binary out of one session: our coalescing reader beside an eager one that
// reads whenever the socket has something, and beside libpq's blocking loop.
//
//     ninja copy_bench && . /tmp/rowferry-services/env && bin/copy_bench [PAIRS [ROWS]]
//
// Prints the median of each, and the ratios of neighbouring runs. The table `bench_act` is made on
// first use: 12 columns, 315 bytes a row on the wire.
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "pq/session.hpp"

namespace rowferry {
namespace {

using pq::CopyReader;
using pq::CopyStep;
using pq::Session;
using pq::Statement;
using std::chrono::steady_clock;

constexpr const char* kCopy = "COPY (SELECT * FROM bench_act) TO STDOUT (FORMAT binary)";

std::string create_sql(std::int64_t rows) {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS bench_act AS SELECT i::bigint AS id, "
      "timestamptz '2026-01-01' + i * interval '1 second' AS updated_at, (i % 1000)::int AS kind, "
      "(i * 1.37)::numeric(12, 2) AS amount, rpad(md5(i::text), 60, 'x') AS title, "
      "jsonb_build_object('a', i, 'b', md5(i::text), 'c', jsonb_build_array(1, 2, 3), 'd', "
      "repeat('y', 60)) AS payload, md5(i::text)::uuid AS token, i % 2 = 0 AS active, "
      "CASE WHEN i % 3 = 0 THEN 'note ' || i END AS note, CASE WHEN i % 4 = 0 THEN i END AS "
      "parent, "
      "CASE WHEN i % 5 = 0 THEN now() END AS closed_at, CASE WHEN i % 7 = 0 THEN i / 3.0::float8 "
      "END "
      "AS score FROM generate_series(1, {}) i",
      rows);
}

struct Run {
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  double client_seconds = 0;
  double server_seconds = 0;
  [[nodiscard]] double rows_per_second() const { return static_cast<double>(rows) / seconds; }
};

double own_processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Processor time of a server process on this machine; see proc(5), fields 14 and 15.
double processor_seconds_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string word;
  double ticks = 0;
  for (int field = 1; field <= 15 && file >> word; ++field) {
    ticks += field >= 14 ? std::atof(word.c_str()) : 0;
  }
  return ticks / 100;
}

/// Measures what `read` does.
Run measure(int backend_pid, const std::function<void(Run&)>& read) {
  Run run;
  const double server = processor_seconds_of(backend_pid);
  const double client = own_processor_seconds();
  const auto begin = steady_clock::now();
  read(run);
  run.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
  run.client_seconds = own_processor_seconds() - client;
  run.server_seconds = processor_seconds_of(backend_pid) - server;
  return run;
}

Task<> read_coalesced(Session& session, Run& run) {
  const Statement statement{"copying", kCopy};
  CopyReader reader = co_await session.copy_out(statement);
  std::string_view row;
  for (CopyStep step = reader.next(row); step != CopyStep::end; step = reader.next(row)) {
    if (step == CopyStep::wait) {
      co_await reader.wait();
    } else {
      ++run.rows;
    }
  }
  run.bytes = reader.bytes();
}

/// As most clients do it: wait until the socket has something, read it, take the rows.
void read_eagerly(PGconn* connection, bool blocking, Run& run) {
  PQclear(PQexec(connection, kCopy));
  char* block = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection, &block, blocking ? 0 : 1)) >= 0) {
    if (size > 0) {
      ++run.rows;
      run.bytes += static_cast<std::uint64_t>(size);
      PQfreemem(block);
      continue;
    }
    pollfd wait{PQsocket(connection), POLLIN, 0};
    poll(&wait, 1, -1);
    PQconsumeInput(connection);
  }
  // The trailer counts as a message.
  --run.rows;
  while (PGresult* result = PQgetResult(connection)) {
    PQclear(result);
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const char* name, const std::vector<Run>& runs) {
  std::vector<double> speeds;
  std::vector<double> client;
  std::vector<double> server;
  for (const Run& run : runs) {
    const double millions = static_cast<double>(run.rows) / 1e6;
    speeds.push_back(run.rows_per_second());
    client.push_back(run.client_seconds / millions);
    server.push_back(run.server_seconds / millions);
  }
  fmt::print("{:10} {:9.0f} rows/s  client {:.2f}  server {:.2f} s a million rows\n", name,
             median(speeds), median(client), median(server));
}

double median_ratio(const std::vector<Run>& ours, const std::vector<Run>& theirs) {
  std::vector<double> ratios;
  for (std::size_t index = 0; index < ours.size(); ++index) {
    ratios.push_back(ours[index].rows_per_second() / theirs[index].rows_per_second());
  }
  return median(ratios);
}

/// The event loop of one program, without what tests add.
class Loop {
 public:
  void run(Task<> task) {
    std::exception_ptr failure;
    boost::asio::co_spawn(context_, std::move(task),
                          [&](std::exception_ptr thrown) { failure = thrown; });
    context_.restart();
    context_.run();
    if (failure) {
      std::rethrow_exception(failure);
    }
  }
  [[nodiscard]] pq::Environment environment() {
    return pq::Environment{context_.get_executor(), workers_, log_};
  }

 private:
  boost::asio::io_context context_{1};
  WorkerPool workers_{2};
  Redactor redactor_;
  Log log_{LogSettings(), redactor_};
};

Task<> execute(Session& session, std::string sql) {
  const Statement statement{"preparing", std::move(sql)};
  co_await session.execute(statement);
}

Task<> open(std::unique_ptr<Session>& session, pq::ConnectSettings settings,
            pq::Environment environment) {
  session = co_await Session::connect(std::move(settings), std::move(environment));
}

class Bench {
 public:
  explicit Bench(const std::string& dsn) : plain_(PQconnectdb(dsn.c_str()), &PQfinish) {
    pq::ConnectSettings settings;
    settings.name = "bench";
    settings.dsn = dsn;
    loop_.run(open(session_, settings, loop_.environment()));
  }

  void prepare(std::int64_t rows) {
    loop_.run(execute(*session_, create_sql(rows)));
    loop_.run(execute(*session_, "VACUUM ANALYZE bench_act"));
  }

  void pairs(int count) {
    ours();
    for (int pair = 0; pair < count; ++pair) {
      const bool first = pair % 2 == 0;
      if (first) {
        ours_.push_back(ours());
      }
      eager_.push_back(theirs(false));
      blocking_.push_back(theirs(true));
      if (!first) {
        ours_.push_back(ours());
      }
    }
    print("coalesced", ours_);
    print("eager", eager_);
    print("blocking", blocking_);
    fmt::print("rows {} bytes a row {}\n", ours_[0].rows,
               ours_[0].bytes / static_cast<std::uint64_t>(ours_[0].rows));
    fmt::print("coalesced / eager {:.2f}  coalesced / blocking {:.2f}\n",
               median_ratio(ours_, eager_), median_ratio(ours_, blocking_));
  }

 private:
  Run ours() {
    return measure(session_->backend_pid(),
                   [this](Run& run) { loop_.run(read_coalesced(*session_, run)); });
  }
  Run theirs(bool blocking) {
    return measure(PQbackendPID(plain_.get()),
                   [this, blocking](Run& run) { read_eagerly(plain_.get(), blocking, run); });
  }

  Loop loop_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> plain_;
  std::vector<Run> ours_;
  std::vector<Run> eager_;
  std::vector<Run> blocking_;
};

}  // namespace
}  // namespace rowferry

int main(int count, char** words) {
  const char* dsn = std::getenv("ROWFERRY_TEST_POSTGRES");
  if (dsn == nullptr) {
    fmt::print(stderr, "ROWFERRY_TEST_POSTGRES is not set\n");
    return 2;
  }
  rowferry::Bench bench(dsn);
  bench.prepare(count > 2 ? std::atol(words[2]) : 1'000'000);
  bench.pairs(count > 1 ? std::atoi(words[1]) : 5);
  return 0;
}
