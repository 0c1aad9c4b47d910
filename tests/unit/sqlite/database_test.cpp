#include "sqlite/database.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "sqlite/statement.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry::sqlite {
namespace {

class SqliteDatabase : public testing::Test {
 protected:
  Database create() { return {path_, OpenMode::create}; }

  std::int64_t count(Database& database) {
    Statement statement = database.prepare("SELECT count(*) FROM t");
    return statement.step() ? statement.integer(0) : -1;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "test.db";
};

template <class Function>
Error error_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  return {Failure::internal, "no error"};
}

TEST_F(SqliteDatabase, SaysThatAFileCannotBeOpened) {
  const Error error = error_of([this] { Database(path_, OpenMode::read_only); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find(path_.string()), std::string::npos);
}

TEST_F(SqliteDatabase, CallsAForeignFileCorrupt) {
  std::ofstream(path_) << std::string(1000, 'x');
  Database database(path_, OpenMode::read_write);
  EXPECT_EQ(error_of([&] { database.execute("SELECT * FROM sqlite_schema"); }).reason(), "corrupt");
}

TEST_F(SqliteDatabase, CallsAFullFileADiskThatIsFull) {
  Database database = create();
  database.execute("CREATE TABLE t (a TEXT); PRAGMA max_page_count = 3");
  const Error error = error_of([&] {
    database.prepare("INSERT INTO t VALUES (?)").bind(1, std::string(100'000, 'x')).run();
  });
  EXPECT_EQ(error.failure(), Failure::internal);
  EXPECT_EQ(error.reason(), "disk_full");
}

TEST_F(SqliteDatabase, GivesBackEveryStorageClass) {
  Database database = create();
  Statement statement = database.prepare("SELECT ?1, ?2, ?3, ?4, ?5, x'0001'");
  statement.bind(1, std::int64_t{-9'000'000'000}).bind(2, 0.5);
  statement.bind(3, std::string_view("a\0b", 3)).bind_null(4);
  statement.bind(5, std::optional<std::int64_t>());
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.columns(), 6);
  EXPECT_EQ(statement.storage_class(0), StorageClass::integer);
  EXPECT_EQ(statement.integer(0), -9'000'000'000);
  EXPECT_EQ(statement.storage_class(1), StorageClass::real);
  EXPECT_EQ(statement.real(1), 0.5);
  EXPECT_EQ(statement.storage_class(2), StorageClass::text);
  EXPECT_EQ(statement.text(2), std::string("a\0b", 3));
  EXPECT_TRUE(statement.is_null(3));
  EXPECT_TRUE(statement.is_null(4));
  EXPECT_EQ(statement.storage_class(5), StorageClass::blob);
  EXPECT_EQ(statement.bytes(5), std::string_view("\0\1", 2));
  EXPECT_FALSE(statement.step());
}

TEST_F(SqliteDatabase, BindsAnEmptyTextAsTextNotNull) {
  Database database = create();
  Statement statement = database.prepare("SELECT ?1");
  statement.bind(1, std::string_view());
  ASSERT_TRUE(statement.step());
  EXPECT_FALSE(statement.is_null(0));
  EXPECT_EQ(statement.text(0), "");
}

TEST_F(SqliteDatabase, RollsATransactionBackUnlessCommitted) {
  Database database = create();
  database.execute("CREATE TABLE t (a)");
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES (1)");
  }
  EXPECT_EQ(count(database), 0);
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES (1)");
    transaction.commit();
  }
  EXPECT_EQ(count(database), 1);
  EXPECT_FALSE(database.in_transaction());
}

TEST_F(SqliteDatabase, NamesAMistakeInAStatement) {
  Database database = create();
  const Error error = error_of([&] { std::ignore = database.prepare("SELEC 1"); });
  EXPECT_NE(std::string(error.what()).find("syntax error"), std::string::npos) << error.what();
}

}  // namespace
}  // namespace rowferry::sqlite
