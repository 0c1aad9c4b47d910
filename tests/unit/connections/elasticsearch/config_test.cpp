#include "connections/elasticsearch/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "config/load.hpp"
#include "connections/elasticsearch/authorization.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry::elasticsearch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The settings and problems of a connection that is written so.
struct Parsed {
  explicit Parsed(const std::string& yaml) {
    std::ofstream(folder.path() / "ca.pem") << "-----BEGIN CERTIFICATE-----\n";
    std::ofstream(folder.path() / "token.txt") << "no certificate\n";
    const config::Environment environment;
    const config::LoadContext context{folder.path(), environment, problems, redactor};
    const config::Node node = config::load_text(yaml, context);
    settings = parse_connection_settings(node);
  }

  test::TemporaryFolder folder;
  config::Problems problems{"rowferry.yaml"};
  Redactor redactor;
  ConnectionSettings settings;
};

std::string problems_of(const std::string& yaml) { return Parsed(yaml).problems.to_text(); }

TEST(ElasticsearchConnectionConfig, RefusesWhatIsNoUrl) {
  EXPECT_THAT(problems_of("username: me\npassword: x"), HasSubstr("urls: is missing"));
  EXPECT_THAT(problems_of("urls: es:9200"), HasSubstr("urls: must be an http:// or https:// URL"));
  EXPECT_THAT(problems_of("urls:\n  - http://es\n  - es2"), HasSubstr(":3: urls[1]: must be an"));
  EXPECT_THAT(problems_of("urls: [\"https://me:secret@es\"]"),
              HasSubstr("urls[0]: must hold no user or password"));
}

TEST(ElasticsearchConnectionConfig, RefusesHalfALogin) {
  EXPECT_THAT(problems_of("urls: http://es\nusername: me"), HasSubstr("password: is missing"));
  EXPECT_THAT(problems_of("urls: http://es\npassword: xyz"), HasSubstr("username: is missing"));
  EXPECT_THAT(problems_of("urls: http://es\nusername: a:b\npassword: xyz"),
              HasSubstr("username: must hold no colon"));
}

TEST(ElasticsearchConnectionConfig, RefusesTwoLogins) {
  EXPECT_THAT(problems_of("urls: http://es\nusername: me\npassword: xyz\napi_key: abc"),
              HasSubstr("api_key: must not be given together with"));
}

TEST(ElasticsearchConnectionConfig, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(problems_of("urls: http://es\nuser: me"), HasSubstr("user: "));
  EXPECT_THAT(problems_of("urls: http://es\nca_file: nowhere.pem"), HasSubstr("does not exist"));
  EXPECT_THAT(problems_of("urls: http://es\napi_key: a secret"), HasSubstr("id:key"));
  EXPECT_THAT(problems_of("urls: http://es\napi_key: a secret"), Not(HasSubstr("a secret")));
  EXPECT_THAT(problems_of("urls: http://es\nca_file: token.txt"),
              HasSubstr("holds no certificate in PEM form"));
  EXPECT_THAT(problems_of("urls: http://es\nrequest_timeout: 5ms"), HasSubstr("request_timeout: "));
}

TEST(ElasticsearchConnectionConfig, TakesOneUrlOrSeveral) {
  const Parsed one("urls: http://es:9200/search");
  EXPECT_THAT(one.problems.to_text(), IsEmpty());
  ASSERT_EQ(one.settings.urls.size(), 1u);
  EXPECT_EQ(one.settings.urls[0].path, "/search");
  EXPECT_EQ(one.settings.request_timeout, std::chrono::seconds(30));
  const Parsed two("urls: [\"https://a\", \"https://b\"]\nca_file: ca.pem\nrequest_timeout: 2m");
  EXPECT_THAT(two.problems.to_text(), IsEmpty());
  EXPECT_EQ(two.settings.urls.size(), 2u);
  EXPECT_EQ(two.settings.request_timeout, std::chrono::minutes(2));
  EXPECT_EQ(two.settings.ca_file, two.folder.path() / "ca.pem");
}

TEST(Authorization, KnowsThreeWays) {
  EXPECT_EQ(authorization(ConnectionSettings{}), "");
  EXPECT_EQ(authorization(Parsed("urls: http://es\nusername: Aladdin\n"
                                 "password: open sesame")
                              .settings),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(authorization(Parsed("urls: http://es\napi_key: dGVzdDpr").settings),
            "ApiKey dGVzdDpr");
  EXPECT_EQ(authorization(Parsed("urls: http://es\napi_key: \"test:k\"").settings),
            "ApiKey dGVzdDpr");
}

}  // namespace
}  // namespace rowferry::elasticsearch
