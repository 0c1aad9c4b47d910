#include "base/tls_identity.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/certificate.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry {
namespace {

using Fault = TlsIdentity::Fault;
using test::Certificate;
using testing::HasSubstr;

class TlsIdentityTest : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }

  std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path make_file(const std::string& name, const std::string& command) {
    const std::filesystem::path path = folder_.path() / name;
    EXPECT_EQ(std::system((command + " > " + path.string() + " 2>/dev/null").c_str()), 0);
    return path;
  }

  test::TemporaryFolder folder_;
  Certificate one_{folder_.path(), "one", "DNS:localhost"};
  Certificate other_{folder_.path(), "other", "DNS:localhost"};
};

TEST_F(TlsIdentityTest, IsACertificateItsChainAndItsKey) {
  const auto chain = write("chain.pem", content(one_.certificate) + content(other_.certificate));
  const TlsIdentity identity = load_tls_identity(chain, one_.key);
  EXPECT_EQ(identity.fault, Fault::none) << identity.text;
  ASSERT_NE(identity.context, nullptr);
  STACK_OF(X509)* others = nullptr;
  SSL_CTX_get0_chain_certs(identity.context.get(), &others);
  EXPECT_EQ(sk_X509_num(others), 1);
}

TEST_F(TlsIdentityTest, NamesTheFileThatIsWrong) {
  const auto empty = write("empty.pem", "");
  const auto absent = folder_.path() / "absent.pem";
  const auto locked =
      make_file("locked.key", "openssl pkey -aes256 -passout pass:x -in " + one_.key.string());
  const auto cut = write("cut.pem", content(one_.certificate) + "-----BEGIN CERTIFICATE-----\nMII");
  struct Wrong {
    std::filesystem::path certificate;
    std::filesystem::path key;
    Fault fault;
    std::string text;
  };
  const std::vector<Wrong> table = {
      {absent, one_.key, Fault::certificate, "absent.pem"},
      {one_.certificate, absent, Fault::private_key, "absent.pem"},
      {empty, one_.key, Fault::certificate, "empty.pem holds no certificate in PEM form"},
      {one_.certificate, empty, Fault::private_key, "empty.pem holds no private key in PEM form"},
      {one_.key, one_.certificate, Fault::certificate, "are the two files swapped?"},
      {one_.certificate, one_.certificate, Fault::private_key, "are the two files swapped?"},
      {one_.certificate, other_.key, Fault::private_key, "does not belong to the first"},
      {one_.certificate, locked, Fault::private_key, "openssl pkey -in"},
      {cut, one_.key, Fault::certificate, "cannot be used"},
  };
  for (const Wrong& wrong : table) {
    const TlsIdentity identity = load_tls_identity(wrong.certificate, wrong.key);
    EXPECT_EQ(identity.fault, wrong.fault) << wrong.text;
    EXPECT_THAT(identity.text, HasSubstr(wrong.text));
  }
}

}  // namespace
}  // namespace rowferry
