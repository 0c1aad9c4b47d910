#include "sinks/elasticsearch/sink.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "base/compression.hpp"
#include "base/error.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry {
namespace {

using test::http_answer;
using test::HttpAnswer;
using test::HttpSeen;
using test::removal;
using test::test_schema;
using testing::HasSubstr;

constexpr std::string_view kExists = R"({"films":{"settings":{"index.gc_deletes":"1h"}}})";
constexpr std::string_view kMissing =
    R"({"error":{"type":"index_not_found_exception","reason":"no such index [films]"}})";

/// A sink before a server that has the index `films`, and answers bulks as told.
class SinkTest : public testing::Test {
 protected:
  SinkTest() : server_(loop_.executor(), [this](const HttpSeen& seen) { return answer(seen); }) {}

  HttpAnswer answer(const HttpSeen& seen) {
    const std::string what = seen.method_and_target();
    if (what.starts_with("POST /films/_bulk")) {
      return on_bulk_(seen);
    }
    if (what.starts_with("PUT /films")) {
      created_ = seen.body;
      return on_create_();
    }
    if (what.starts_with("GET /_ingest/pipeline/")) {
      return http_answer(404, "{}");
    }
    return what.starts_with("GET /_alias/") ? http_answer(404, R"({"error":"alias missing"})")
                                            : on_look_();
  }

  /// Takes all items of a bulk.
  static HttpAnswer take_all(const HttpSeen& seen) {
    const std::string body = bulk_text(seen);
    std::string items;
    for (std::size_t at = 0; at < body.size(); at = body.find('\n', at) + 1) {
      const bool removes = body.compare(at, 10, R"({"delete":)") == 0;
      const bool indexes = body.compare(at, 9, R"({"index":)") == 0;
      if (removes || indexes) {
        items += fmt::format(R"({}{{"{}":{{"status":200}}}})", items.empty() ? "" : ",",
                             removes ? "delete" : "index");
      }
    }
    return http_answer(200, R"({"errors":false,"items":[)" + items + "]}");
  }

  static std::string bulk_text(const HttpSeen& seen) {
    if (seen.head.find("Content-Encoding: gzip") == std::string::npos) {
      return seen.body;
    }
    Buffer out;
    gunzip(seen.body, 1u << 30, out);
    return std::string(out.view());
  }

  ElasticsearchSink& sink() {
    if (!sink_) {
      elasticsearch::ConnectionSettings connection;
      connection.urls.push_back(http::parse_url(server_.url()).value());
      connection.request_timeout = timeout_;
      settings_.index = "films";
      sink_ = std::make_unique<ElasticsearchSink>(
          std::make_shared<ElasticsearchConnection>("search", connection, loop_.runtime()),
          settings_, loop_.runtime());
    }
    return *sink_;
  }

  void open(std::int64_t run_seq = 1) {
    loop_.run(sink().open(test_schema(), loop_.context(run_seq), Receipt{}));
  }

  Batch batch(const std::vector<test::TestRow>& rows) {
    Batch batch = test::make_batch(test_schema(), rows, 1767);
    batch.read_at = loop_.clock().steady_now();
    return batch;
  }

  WriteResult write(const Batch& batch) { return loop_.run(sink().write(batch)); }

  Error failure(const std::function<void()>& attempt) {
    try {
      attempt();
    } catch (const Error& error) {
      return error;
    }
    return {Failure::internal, "it did not fail"};
  }

  Error write_failure(HttpAnswer answer) {
    on_bulk_ = [answer](const HttpSeen&) { return answer; };
    open();
    const Batch rows = batch({{1, "a"}, {2, "b"}});
    return failure([&] { write(rows); });
  }

  std::size_t requests(std::string_view beginning) {
    std::size_t count = 0;
    for (const HttpSeen& seen : server_.seen()) {
      count += seen.head.starts_with(beginning) ? 1 : 0;
    }
    return count;
  }

  test::TestLoop loop_;
  std::function<HttpAnswer()> on_look_ = [] { return http_answer(200, std::string(kExists)); };
  std::function<HttpAnswer()> on_create_ = [this] {
    on_look_ = [] { return http_answer(200, std::string(kExists)); };
    return http_answer(200, R"({"acknowledged":true})");
  };
  std::function<HttpAnswer(const HttpSeen&)> on_bulk_ = take_all;
  test::ScriptedHttpServer server_;
  elasticsearch::SinkSettings settings_;
  std::chrono::milliseconds timeout_{30'000};
  std::unique_ptr<ElasticsearchSink> sink_;
  std::string created_;
};

TEST_F(SinkTest, RefusesAMissingIndexThatItMayNotCreate) {
  on_look_ = [] { return http_answer(404, std::string(kMissing)); };
  settings_.create = false;
  const Error error = failure([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_STREQ(error.what(),
               "index films does not exist on search, and create is false: create it, or set "
               "create: true");
}

TEST_F(SinkTest, SaysWhyAnIndexCannotBeCreated) {
  on_look_ = [] { return http_answer(404, std::string(kMissing)); };
  on_create_ = [] {
    return http_answer(
        400, R"({"error":{"type":"mapper_parsing_exception","reason":"No handler for type [x]"}})");
  };
  const Error error = failure([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_STREQ(error.what(),
               "creating index films: the server answers (400): mapper_parsing_exception: No "
               "handler for type [x]");
}

TEST_F(SinkTest, RefusesADataStream) {
  on_look_ = [] {
    return http_answer(200, R"({".ds-films-000001":{"settings":{"index.hidden":"true"}}})");
  };
  EXPECT_THAT(failure([&] { open(); }).what(), HasSubstr("is a data stream"));
}

TEST_F(SinkTest, RefusesAnIndexThatForgetsRemovalsAtOnce) {
  on_look_ = [] { return http_answer(200, R"({"films":{"settings":{"index.gc_deletes":"0s"}}})"); };
  const Error error = failure([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), HasSubstr("index.gc_deletes"));
}

TEST_F(SinkTest, RefusesAMissingPipeline) {
  settings_.pipeline = "enrich";
  EXPECT_THAT(failure([&] { open(); }).what(), HasSubstr("pipeline enrich does not exist"));
}

TEST_F(SinkTest, IsTransientWhenTheServerRefusesUs) {
  on_look_ = [] {
    return http_answer(401, R"({"error":{"type":"security_exception","reason":"who are you"}})");
  };
  const Error error = failure([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "auth");
}

TEST_F(SinkTest, CreatesAMissingIndex) {
  on_look_ = [] { return http_answer(404, std::string(kMissing)); };
  settings_.index_config = R"({"mappings":{"dynamic":"strict"}})";
  open();
  EXPECT_EQ(created_, R"({"mappings":{"dynamic":"strict"},"settings":{"index.gc_deletes":"1h"}})");
  EXPECT_THAT(loop_.logged(), HasSubstr("index created"));
}

TEST_F(SinkTest, DoesNotMindThatSomebodyElseCreatedIt) {
  on_look_ = [] { return http_answer(404, std::string(kMissing)); };
  on_create_ = [this] {
    on_look_ = [] { return http_answer(200, std::string(kExists)); };
    return http_answer(
        400, R"({"error":{"type":"resource_already_exists_exception","reason":"exists"}})");
  };
  open();
  EXPECT_EQ(requests("GET /films/_settings"), 2u);
}

TEST_F(SinkTest, LooksAtTheIndexOnceARun) {
  open(1);
  open(1);
  EXPECT_EQ(server_.seen().size(), 1u);
  open(2);
  EXPECT_EQ(server_.seen().size(), 1u);
  loop_.clock().advance(std::chrono::seconds(11));
  open(2);
  open(3);
  EXPECT_EQ(server_.seen().size(), 2u);
  loop_.run(sink().close());
  open(3);
  EXPECT_EQ(server_.seen().size(), 3u);
}

TEST_F(SinkTest, WritesOneRequestABatch) {
  open();
  const WriteResult result = write(batch({{1, "a"}, {2, std::nullopt}, removal(3)}));
  EXPECT_TRUE(result.issues.empty());
  const HttpSeen& seen = server_.seen().back();
  EXPECT_EQ(result.bytes, seen.body.size());
  EXPECT_THAT(seen.method_and_target(),
              HasSubstr("POST /films/_bulk?timeout=20000ms&filter_path="));
  EXPECT_THAT(seen.head, HasSubstr("Content-Type: application/x-ndjson"));
  EXPECT_EQ(bulk_text(seen),
            R"({"index":{"_id":"1","version":1767,"version_type":"external_gte"}}
{"id":1,"title":"a"}
{"index":{"_id":"2","version":1767,"version_type":"external_gte"}}
{"id":2,"title":null}
{"delete":{"_id":"3","version":1767,"version_type":"external_gte"}}
)");
}

TEST_F(SinkTest, SaysWhatItWasToldToSay) {
  settings_.compression = elasticsearch::Compression::none;
  settings_.refresh = true;
  open();
  write(batch({{1, "a"}}));
  const HttpSeen& seen = server_.seen().back();
  EXPECT_THAT(seen.method_and_target(), testing::EndsWith("&refresh=true"));
  EXPECT_THAT(seen.head, testing::Not(HasSubstr("Content-Encoding")));
}

TEST_F(SinkTest, SendsNothingWhenNothingCanBeSent) {
  open();
  Batch rows = batch({{1, "\xFF"}});
  const WriteResult result = write(rows);
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_FALSE(result.issues[0].retry);
  EXPECT_EQ(requests("POST"), 0u);
}

TEST_F(SinkTest, SplitsWhatIsTooMuchForOneRequest) {
  open();
  const std::string title(30u << 20, 'x');
  const WriteResult result = write(batch({{1, title}, {2, title}, {3, title}}));
  EXPECT_TRUE(result.issues.empty());
  EXPECT_EQ(requests("POST"), 2u);
}

TEST_F(SinkTest, SortsItemsOut) {
  on_bulk_ = [](const HttpSeen&) {
    return http_answer(200, R"({"errors":true,"items":[{"index":{"status":200}},)"
                            R"({"index":{"status":429,"error":{"type":"t","reason":"busy"}}},)"
                            R"({"index":{"status":400,"error":{"type":"t","reason":"bad"}}}]})");
  };
  open();
  const WriteResult result = write(batch({{1, "a"}, {2, "b"}, {3, "c"}}));
  ASSERT_EQ(result.issues.size(), 2u);
  EXPECT_EQ(result.issues[0].row, 1u);
  EXPECT_TRUE(result.issues[0].retry);
  EXPECT_EQ(result.issues[1].row, 2u);
  EXPECT_EQ(result.issues[1].reason, "t: bad");
}

TEST_F(SinkTest, DoesNotSendWhatWasReadTooLongAgo) {
  open();
  const Batch rows = batch({{1, "a"}});
  loop_.clock().advance(std::chrono::minutes(30));
  write(rows);
  loop_.clock().advance(std::chrono::seconds(1));
  const Error error = failure([&] { write(rows); });
  EXPECT_EQ(error.failure(), Failure::stale);
  EXPECT_EQ(requests("POST"), 1u);
}

TEST_F(SinkTest, AsksForLessWhenItIsTooLarge) {
  EXPECT_EQ(write_failure(http_answer(413, "")).failure(), Failure::too_large);
}

TEST_F(SinkTest, WaitsAsLongAsItIsAsked) {
  const Error error = write_failure(http_answer(503, "busy", "Retry-After: 7\r\n"));
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.retry_after(), std::chrono::milliseconds(7000));
}

TEST_F(SinkTest, AssumesNothingOfALyingReply) {
  EXPECT_EQ(write_failure(http_answer(200, R"({"errors":false})")).reason(), "protocol");
  EXPECT_EQ(write_failure(http_answer(200, "<html>")).failure(), Failure::transient);
  EXPECT_EQ(write_failure({"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"errors\":false",
                           HttpAnswer::Then::close})
                .reason(),
            "cut_off");
}

TEST_F(SinkTest, GivesBackARejectionThatNamesNoRow) {
  EXPECT_EQ(write_failure(
                http_answer(400, R"({"error":{"type":"illegal_argument_exception","reason":"r"}})"))
                .failure(),
            Failure::rejected);
}

TEST_F(SinkTest, CreatesAnIndexAgainThatVanished) {
  EXPECT_EQ(write_failure(http_answer(404, std::string(kMissing))).reason(), "index_missing");
  on_look_ = [] { return http_answer(404, std::string(kMissing)); };
  on_bulk_ = take_all;
  loop_.run(sink().close());
  open();
  EXPECT_EQ(requests("PUT /films"), 1u);
  EXPECT_TRUE(write(batch({{1, "a"}})).issues.empty());
}

TEST_F(SinkTest, DoesNotWaitForEver) {
  timeout_ = std::chrono::milliseconds(100);
  EXPECT_EQ(write_failure({"", HttpAnswer::Then::hang}).reason(), "timeout");
}

class ResetTest : public SinkTest {
 protected:
  ResetTest() {
    settings_.compression = elasticsearch::Compression::none;
    on_bulk_ = [](const HttpSeen&) { return HttpAnswer{"", HttpAnswer::Then::reset}; };
    server_.answer_after(1000);
  }
  const std::string title_ = std::string(8u << 20, 'x');
};

TEST_F(ResetTest, TakesAResetWhileSendingForARequestThatIsTooLarge) {
  open();
  const Batch rows = batch({{1, title_}, {2, "b"}});
  EXPECT_EQ(failure([&] { write(rows); }).failure(), Failure::too_large);
}

TEST_F(ResetTest, RefusesARowThatStandsAloneOnlyAfterThreeResets) {
  open();
  const Batch row = batch({{1, title_}});
  EXPECT_EQ(failure([&] { write(row); }).failure(), Failure::transient);
  EXPECT_EQ(failure([&] { write(row); }).failure(), Failure::transient);
  const Batch another = batch({{2, title_}});
  EXPECT_EQ(failure([&] { write(another); }).failure(), Failure::transient);
  EXPECT_EQ(failure([&] { write(row); }).failure(), Failure::transient);
  EXPECT_EQ(failure([&] { write(row); }).failure(), Failure::transient);
  EXPECT_EQ(failure([&] { write(row); }).failure(), Failure::too_large);
}

}  // namespace
}  // namespace rowferry
