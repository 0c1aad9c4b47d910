#include "pq/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rowferry::pq {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Classify, KeepsTryingWhereSomebodyMayMendTheServer) {
  for (const char* state : {"08006", "28P01", "28000", "3D000", "42501", "42P01", "42703", "53300",
                            "53100", "55P03", "57P01", "57P03", "25006", "58030", "XX000"}) {
    EXPECT_EQ(classify(state), Failure::transient) << state;
  }
}

TEST(Classify, RepeatsWhatLostARace) {
  EXPECT_EQ(classify("40001"), Failure::transient);
  EXPECT_EQ(classify("40P01"), Failure::transient);
}

TEST(Classify, HalvesWhatIsTooMuch) {
  for (const char* state : {"57014", "54000", "53200"}) {
    EXPECT_EQ(classify(state), Failure::too_large) << state;
  }
}

TEST(Classify, LeavesSyntaxAndTypesToAPerson) {
  for (const char* state : {"42601", "42804", "42883", "0A000"}) {
    EXPECT_EQ(classify(state), Failure::config) << state;
  }
}

TEST(Classify, RejectsData) {
  for (const char* state : {"22P02", "22003", "23505", "P0001", "21000", "?????"}) {
    EXPECT_EQ(classify(state), Failure::rejected) << state;
  }
}

TEST(ServerError, SaysWhatWasAttemptedTheCauseAndWhatToDo) {
  const Error error =
      server_error("connection shop: reading movies",
                   {"42501", "permission denied for table movies", "", "ask the owner"});
  EXPECT_STREQ(error.what(),
               "connection shop: reading movies: permission denied for table movies (42501); ask "
               "the owner; grant it to the connection's user");
  EXPECT_EQ(error.reason(), "42501");
}

TEST(ServerError, CutsLongTextsBetweenCharacters) {
  std::string text;
  for (int index = 0; index < 600; ++index) {
    text += "ü";
  }
  const std::string said = server_error("w", {"22P02", "x" + text, "", ""}).what();
  EXPECT_LT(said.size(), 1100u);
  EXPECT_THAT(said, HasSubstr("ü... (22P02)"));
}

TEST(ConnectError, TakesTheSqlstateFromTheVerboseForm) {
  const Error error = connect_error(
      "connection shop: opening a session",
      "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
      "authentication failed for user \"etl\"\nLOCATION:  auth_failed, auth.c:326\n");
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "28P01");
  EXPECT_THAT(error.what(), HasSubstr("password authentication failed for user \"etl\""));
  EXPECT_THAT(error.what(), Not(HasSubstr("auth.c")));
  EXPECT_THAT(error.what(), EndsWith("pg_hba.conf"));
}

TEST(ConnectError, KnowsTheSqlstateInOtherLanguages) {
  EXPECT_EQ(connect_error("w", "FATAL:  53300: zu viele Verbindungen\nORT:  InitProcess, proc.c:9")
                .reason(),
            "53300");
}

TEST(ConnectError, TellsTlsAndAuthenticationFromSilence) {
  EXPECT_EQ(connect_error("w", "server does not support SSL, but SSL was required").reason(),
            "tls");
  EXPECT_EQ(connect_error("w", "fe_sendauth: no password supplied\n").reason(), "authentication");
  const Error refused = connect_error("w", "... failed: Connection refused\n\tIs the server up?\n");
  EXPECT_EQ(refused.reason(), "unreachable");
  EXPECT_THAT(refused.what(), HasSubstr("Connection refused; Is the server up?; check host"));
}

TEST(OneLine, JoinsWhatSaysSomething) {
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line("\n\ta\n\n b \n"), "a; b");
  EXPECT_EQ(one_line("a\nLOCATION:  f, g.c:1\nb"), "a; b");
}

}  // namespace
}  // namespace rowferry::pq
