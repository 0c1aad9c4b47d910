#include "connections/postgres/postgres_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "config/load.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::connections {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// What `connections.shop` with this content gives.
class ParsedConnection {
 public:
  explicit ParsedConnection(const std::string& content) {
    const config::Environment environment = config::Environment::of_process();
    const config::LoadContext context{"/etc/rowferry", environment, problems_, redactor_};
    const config::Node root = config::load_text("shop: {" + content + "}", context);
    make_ = parse_postgres_connection("shop", root.at("shop"));
  }

  [[nodiscard]] std::string problems() const { return problems_.to_text(); }
  [[nodiscard]] std::string redact(const std::string& text) const { return redactor_.redact(text); }
  [[nodiscard]] PostgresSettings settings() const {
    test::TestLoop loop;
    return std::static_pointer_cast<PostgresConnection>(make_(loop.runtime()))->settings();
  }

 private:
  config::Problems problems_{"app.yaml"};
  Redactor redactor_;
  MakeConnection make_;
};

TEST(PostgresConnection, NeedsADsn) {
  EXPECT_THAT(ParsedConnection("max_sessions: 2").problems(), HasSubstr("shop.dsn"));
}

TEST(PostgresConnection, SaysWhatIsWrongWithTheDsnButNotThePassword) {
  const std::string text = ParsedConnection("dsn: \"host=db password=my hunter2\"").problems();
  EXPECT_THAT(text, HasSubstr("app.yaml:1: shop.dsn: must be like host=db user=etl"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST(PostgresConnection, RefusesLimitsThatAreNone) {
  EXPECT_THAT(ParsedConnection("dsn: host=db, max_sessions: 0").problems(),
              HasSubstr("shop.max_sessions"));
  EXPECT_THAT(ParsedConnection("dsn: host=db, statement_timeout: 0s").problems(),
              HasSubstr("shop.statement_timeout"));
}

TEST(PostgresConnection, DoesNotBuildReplicasYet) {
  EXPECT_THAT(ParsedConnection("dsn: host=db, replica_of: primary").problems(),
              HasSubstr("shop.replica_of: not built yet"));
  EXPECT_EQ(ParsedConnection("dsn: host=db, replica_of: ").problems(), "");
}

TEST(PostgresConnection, HasTheDefaultsOfTheContract) {
  const PostgresSettings settings = ParsedConnection("dsn: host=db").settings();
  EXPECT_EQ(settings.dsn, "host=db");
  EXPECT_TRUE(settings.password.empty());
  EXPECT_EQ(settings.statement_timeout, 10min);
  EXPECT_EQ(settings.sessions_max, 8u);
}

TEST(PostgresConnection, TakesWhatIsGiven) {
  const PostgresSettings settings =
      ParsedConnection("dsn: host=db, password: sesame, statement_timeout: 30s, max_sessions: 3")
          .settings();
  EXPECT_EQ(settings.password.reveal(), "sesame");
  EXPECT_EQ(settings.statement_timeout, 30s);
  EXPECT_EQ(settings.sessions_max, 3u);
}

TEST(PostgresConnection, TeachesTheRedactorAPasswordInsideTheDsn) {
  const ParsedConnection uri("dsn: \"postgresql://etl:hun%20ter2@db/shop\", password: sesame");
  EXPECT_EQ(uri.redact("hun ter2 and sesame"), "*** and ***");
}

}  // namespace
}  // namespace rowferry::connections
