#include "pq/conninfo.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace rowferry::pq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(ConnectionString, IsReadInEitherForm) {
  EXPECT_THAT(
      parse_connection_string("host=db user=etl dbname='the shop'"),
      UnorderedElementsAre(Pair("host", "db"), Pair("user", "etl"), Pair("dbname", "the shop")));
  EXPECT_THAT(parse_connection_string("postgresql://etl@db:5433/shop?sslmode=require"),
              UnorderedElementsAre(Pair("host", "db"), Pair("user", "etl"), Pair("port", "5433"),
                                   Pair("dbname", "shop"), Pair("sslmode", "require")));
  EXPECT_TRUE(parse_connection_string("").empty());
}

TEST(ConnectionString, SaysWhatIsWrong) {
  EXPECT_EQ(connection_string_problem("host=db"), std::nullopt);
  EXPECT_THAT(connection_string_problem("hots=db").value(),
              HasSubstr("invalid connection option \"hots\""));
  EXPECT_THAT(connection_string_problem("postgresql://db/shop?sslmod=require").value(),
              HasSubstr("sslmod"));
  EXPECT_TRUE(connection_string_problem("user=etl password='unended").has_value());
}

TEST(ConnectionString, SaysWhatLibpqWouldOnlySayWhenItConnects) {
  const auto problem = [](const std::string& dsn) {
    return connection_string_problem(dsn).value_or("");
  };
  for (const char* port : {"0", "65536", "five", "-1", "5432x", "5432,x"}) {
    EXPECT_THAT(problem(fmt::format("host=db port={}", port)), HasSubstr("between 1 and 65535"));
  }
  EXPECT_EQ(problem("host=a,b port='5433, 5434'"), "");
  EXPECT_EQ(problem("host=a,b port=5433,"), "");
  EXPECT_THAT(problem("host=db sslmode=always"), HasSubstr("require, verify-ca, verify-full"));
  EXPECT_EQ(problem("host=db sslmode=verify-full"), "");
  EXPECT_EQ(secrets_in("host=db port=five password=hunter2").size(), 1u);
}

TEST(ConnectionString, KeepsTheSignThatLibpqLookedFor) {
  EXPECT_THAT(connection_string_problem("postgresql://etl@[::1/shop").value(),
              HasSubstr("matching \"]\" in IPv6 host address"));
}

TEST(ConnectionString, NeverRepeatsAPasswordInAProblem) {
  EXPECT_THAT(connection_string_problem("host=db password=my hunter2").value(),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(connection_string_problem("postgresql://etl:hunter2@[db/shop").value(),
              Not(HasSubstr("hunter2")));
  EXPECT_THAT(connection_string_problem("postgresql://etl:hunter2%zz@db/shop").value(),
              Not(HasSubstr("hunter2")));
}

TEST(ConnectionString, GivesItsSecretsToTheRedactor) {
  const std::vector<Secret> one = secrets_in("postgresql://etl:hun%20ter2@db/shop");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].reveal(), "hun ter2");
  EXPECT_EQ(secrets_in("host=db password=hunter2 sslpassword=sesame").size(), 2u);
  EXPECT_TRUE(secrets_in("host=db password=").empty());
  EXPECT_TRUE(secrets_in("no connection string").empty());
}

TEST(SingleHostAttempts, LeaveOneHostAsItIs) {
  const ConnectionParameters one = {{"host", "db"}, {"target_session_attrs", "prefer-standby"}};
  EXPECT_THAT(single_host_attempts(one), ElementsAre(one));
  EXPECT_EQ(single_host_attempts({}).size(), 1u);
}

TEST(SingleHostAttempts, GiveEachHostItsPort) {
  const auto attempts =
      single_host_attempts({{"host", "a,b"}, {"port", "5433,5434"}, {"dbname", "shop"}});
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_THAT(attempts[0], UnorderedElementsAre(Pair("host", "a"), Pair("port", "5433"),
                                                Pair("dbname", "shop")));
  EXPECT_THAT(attempts[1], UnorderedElementsAre(Pair("host", "b"), Pair("port", "5434"),
                                                Pair("dbname", "shop")));
}

TEST(SingleHostAttempts, ShareOnePortAndDropEmptyItems) {
  const auto attempts = single_host_attempts({{"host", "a,"}, {"port", "5433"}});
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[1].count("host"), 0u);
  EXPECT_EQ(attempts[1].at("port"), "5433");
  EXPECT_EQ(single_host_attempts({{"host", "a,b"}, {"port", ",5434"}})[0].count("port"), 0u);
}

TEST(SingleHostAttempts, LeaveListsThatDoNotFitToLibpq) {
  EXPECT_EQ(single_host_attempts({{"host", "a,b"}, {"port", "1,2,3"}}).size(), 1u);
  EXPECT_EQ(single_host_attempts({{"host", "a,b"}, {"hostaddr", "10.0.0.1"}}).size(), 1u);
}

TEST(SingleHostAttempts, AskEveryHostForAStandbyBeforeTakingAny) {
  const auto attempts =
      single_host_attempts({{"host", "a,b"}, {"target_session_attrs", "prefer-standby"}});
  ASSERT_EQ(attempts.size(), 4u);
  EXPECT_EQ(attempts[1].at("host"), "b");
  EXPECT_EQ(attempts[1].at("target_session_attrs"), "standby");
  EXPECT_EQ(attempts[2].at("host"), "a");
  EXPECT_EQ(attempts[2].at("target_session_attrs"), "any");
}

TEST(ConnectionStringProblem, RefusesAPasswordThatIsNotEscapedInAUri) {
  for (const char* dsn : {"postgresql://etl:hun@ter2@db/shop", "postgres://etl:hun/ter2@db/shop",
                          "postgresql://etl:hunter2@db/shop@x", "postgresql://e@tl:hunter2@db"}) {
    const auto problem = connection_string_problem(dsn);
    ASSERT_TRUE(problem) << dsn;
    EXPECT_THAT(*problem, HasSubstr("write @ as %40"));
    EXPECT_THAT(*problem, Not(HasSubstr("ter2")));
  }
}

TEST(ConnectionStringProblem, TakesEscapedPasswordsAndOtherForms) {
  for (const char* dsn : {"postgresql://etl:hun%40ter2@db/shop?sslmode=require",
                          "postgresql://db/shop", "postgresql:///shop?host=/run/postgresql",
                          "host=db password=hun@ter2@x", "postgresql://etl@a:1,b:2/shop"}) {
    EXPECT_EQ(connection_string_problem(dsn), std::nullopt) << dsn;
  }
}

TEST(DescribeServer, NamesHostPortAndDatabase) {
  EXPECT_EQ(describe_server({{"host", "db"}, {"dbname", "shop"}, {"password", "hunter2"}}),
            "db:5432/shop");
  EXPECT_EQ(describe_server({{"user", "etl"}}), "local socket:5432/etl");
}

}  // namespace
}  // namespace rowferry::pq
