#include "base/secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace rowferry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Redactor, ReplacesEverySecret) {
  Redactor redactor;
  redactor.add(Secret("sesame"));
  redactor.add(Secret("sesame street"));
  EXPECT_EQ(redactor.redact("open sesame, sesame street"), "open ***, ***");
  EXPECT_EQ(redactor.redact("nothing here"), "nothing here");
  EXPECT_EQ(redactor.redact(""), "");
}

TEST(Redactor, LeavesShortSecretsAlone) {
  Redactor redactor;
  redactor.add(Secret(""));
  redactor.add(Secret("abc"));
  redactor.add(Secret(" \n"));
  EXPECT_EQ(redactor.redact("abc"), "abc");
}

TEST(Redactor, FindsEncodedForms) {
  Redactor redactor;
  redactor.add(Secret("p@ss/w\"rd é+1"));
  EXPECT_EQ(redactor.redact("p%40ss%2Fw%22rd%20%C3%A9%2B1"), "***");
  EXPECT_EQ(redactor.redact("p%40ss%2fw%22rd%20%c3%a9%2b1"), "***");
  EXPECT_EQ(redactor.redact("p@ss/w%22rd%20%C3%A9+1"), "***");
  EXPECT_EQ(redactor.redact(R"({"key":"p@ss/w\"rd é+1"})"), R"({"key":"***"})");
}

TEST(Redactor, FindsBase64WhereverTheSecretStandsInIt) {
  Redactor redactor;
  redactor.add(Secret("correct horse battery"));
  // base64 of "correct horse battery", and of it behind "u:", "us:" and "user:" (echo -n | base64).
  EXPECT_EQ(redactor.redact("Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"), "***");
  for (const char* text :
       {"dTpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=", "dXM6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5",
        "dXNlcjpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=", "dXNlcnM6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"}) {
    const std::string redacted = redactor.redact(text);
    EXPECT_THAT(redacted, HasSubstr("***"));
    EXPECT_LT(redacted.size(), 14u) << redacted;
  }
}

TEST(Redactor, FindsUrlSafeBase64) {
  Redactor redactor;
  redactor.add(Secret("~~~~~~~~"));
  EXPECT_THAT(redactor.redact("fn5-fn5-fn4"), Not(HasSubstr("fn5-fn5")));
  EXPECT_THAT(redactor.redact("fn5+fn5+fn4="), Not(HasSubstr("fn5+fn5")));
}

TEST(Redactor, FindsASecretThatWasReadWithItsNewline) {
  Redactor redactor;
  redactor.add(Secret("sesame\n"));
  EXPECT_EQ(redactor.redact("open sesame"), "open ***");
}

TEST(Redactor, LearnsWhileOthersRead) {
  Redactor redactor;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&redactor, thread] {
      for (int round = 0; round < 50; ++round) {
        redactor.add(Secret("secret-" + std::to_string(thread) + "-" + std::to_string(round)));
        EXPECT_EQ(redactor.redact("some text"), "some text");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(redactor.redact("secret-3-49"), "***");
}

}  // namespace
}  // namespace rowferry
