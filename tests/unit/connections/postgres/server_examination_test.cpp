#include "connections/postgres/server_examination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connections/postgres/postgres_connection.hpp"

namespace rowferry::connections {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

ServerFacts good() {
  ServerFacts facts;
  facts.version = 150012;
  facts.version_text = "15.12";
  facts.user = "etl";
  facts.database = "shop";
  return facts;
}

std::vector<Finding> judge(const ServerFacts& facts) { return judge_server(facts, {}, false); }

TEST(ServerExamination, SaysWhoAnswers) {
  const auto findings = judge(good());
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].text, "PostgreSQL 15.12 answers: a primary, database shop, user etl");
  EXPECT_EQ(findings[1].text, "statement_timeout 10m");
  EXPECT_EQ(findings[1].severity, Severity::ok);
}

TEST(ServerExamination, RefusesOldServersAndWarnsOfNewOnes) {
  ServerFacts facts = good();
  facts.version = 120022;
  EXPECT_EQ(judge(facts)[0].severity, Severity::wrong);
  facts.version = 130000;
  EXPECT_EQ(judge(facts)[0].severity, Severity::ok);
  facts.version = 179999;
  EXPECT_EQ(judge(facts)[0].severity, Severity::ok);
  facts.version = 180000;
  EXPECT_EQ(judge(facts)[0].severity, Severity::warning);
}

TEST(ServerExamination, WarnsOfAStandby) {
  ServerFacts facts = good();
  facts.is_standby = true;
  const auto findings = judge(facts);
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_EQ(findings[1].severity, Severity::warning);
  EXPECT_THAT(findings[1].text, HasSubstr("standby"));
}

TEST(ServerExamination, KnowsAStandbyAndItsPrimary) {
  ServerFacts standby = good();
  standby.is_standby = true;
  EXPECT_THAT(judge_server(standby, {}, true), SizeIs(2));
  const auto about = [&standby](const ServerFacts& primary) {
    return judge_replica(standby, primary, "main").at(0);
  };
  EXPECT_EQ(about(good()).text, "a standby of main");
  ServerFacts primary = good();
  primary.database = "elsewhere";
  EXPECT_EQ(about(primary).severity, Severity::wrong);
  EXPECT_THAT(about(primary).text, HasSubstr("database elsewhere"));
  primary.system_identifier = "8";
  EXPECT_EQ(about(primary).severity, Severity::wrong);
  EXPECT_THAT(about(primary).text, HasSubstr("different system identifiers"));
  primary.is_standby = true;
  EXPECT_EQ(about(primary).severity, Severity::refused);
  EXPECT_THAT(about(primary).text, HasSubstr("a standby itself"));
  standby.is_standby = false;
  EXPECT_EQ(about(good()).severity, Severity::warning);
  EXPECT_THAT(about(good()).text, HasSubstr("no standby"));
}

TEST(ServerExamination, WarnsOfTooFewSessions) {
  ServerFacts facts = good();
  facts.role_sessions_max = 2;
  facts.database_sessions_max = 8;
  facts.server_sessions_max = 5;
  const auto findings = judge(facts);
  ASSERT_THAT(findings, SizeIs(4));
  EXPECT_EQ(findings[1].remedy, "ALTER ROLE \"etl\" CONNECTION LIMIT 8;");
  EXPECT_THAT(findings[2].text, HasSubstr("the server allows 5"));
}

TEST(ServerExamination, WarnsOfAShortTimeout) {
  PostgresSettings settings;
  settings.statement_timeout = std::chrono::seconds(2);
  const auto findings = judge_server(good(), settings, false);
  EXPECT_EQ(findings.back().severity, Severity::warning);
  EXPECT_THAT(findings.back().text, HasSubstr("2s"));
}

TEST(ServerExamination, TakesTheAdviceOffTheError) {
  const Error refused = Error(Failure::transient,
                              "connection shop: looking: permission denied (42501); grant it to "
                              "the connection's user")
                            .with_reason("42501");
  const Finding finding = finding_of_failure(refused);
  EXPECT_EQ(finding.severity, Severity::refused);
  EXPECT_EQ(finding.text, "connection shop: looking: permission denied (42501)");
  EXPECT_EQ(finding.remedy, "grant it to the connection's user");
}

TEST(ServerExamination, APoolerIsAFaultOfTheConfiguration) {
  const Finding finding =
      finding_of_failure(Error(Failure::config, "a pooler").with_reason("pooler"));
  EXPECT_EQ(finding.severity, Severity::wrong);
  EXPECT_THAT(finding.remedy, HasSubstr("pool_mode = session"));
}

}  // namespace
}  // namespace rowferry::connections
