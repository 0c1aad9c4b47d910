#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/contract/state_store_contract.hpp"

namespace rowferry::test {
namespace {

DeadLetter make_letter(const std::string& job, const std::string& id, const std::string& reason) {
  DeadLetter letter;
  letter.id = id;
  letter.job = job;
  letter.unit = "films";
  letter.key_json = R"({"id":1})";
  letter.row_json = R"({"id":1,"title":"x"})";
  letter.reason = reason;
  letter.run = 7;
  letter.time = WallTime(std::chrono::microseconds(1'700'000'000'123'456));
  return letter;
}

TEST_P(StateStoreContract, CountsTheTriesOfALetterThatComesAgain) {
  run(store_->add_dead_letters(
      {make_letter("movies", "a", "first"), make_letter("movies", "b", "first")}));
  run(store_->add_dead_letters({make_letter("movies", "a", "second")}));
  restart();
  DeadLetterQuery query;
  query.job = "movies";
  const std::vector<DeadLetter> letters = run(store_->dead_letters(query));
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].id, "a");
  EXPECT_EQ(letters[0].tries, 2);
  EXPECT_EQ(letters[0].reason, "second");
  EXPECT_EQ(letters[1].id, "b");
  EXPECT_EQ(letters[1].tries, 1);
}

TEST_P(StateStoreContract, GivesADeadLetterBackAsItWas) {
  const DeadLetter letter = make_letter("movies", "a", "mapper_parsing_exception");
  run(store_->add_dead_letters({letter}));
  DeadLetterQuery query;
  query.job = "movies";
  const DeadLetter found = run(store_->dead_letters(query)).at(0);
  EXPECT_EQ(found.job, letter.job);
  EXPECT_EQ(found.unit, letter.unit);
  EXPECT_EQ(found.key_json, letter.key_json);
  EXPECT_EQ(found.row_json, letter.row_json);
  EXPECT_EQ(found.reason, letter.reason);
  EXPECT_EQ(found.run, letter.run);
  EXPECT_EQ(found.time, letter.time);
}

TEST_P(StateStoreContract, FiltersCountsAndErasesDeadLetters) {
  run(store_->add_dead_letters({make_letter("movies", "a", "mapping conflict"),
                                make_letter("movies", "b", "too large"),
                                make_letter("other", "a", "too large")}));
  DeadLetterQuery query;
  query.job = "movies";
  query.reason = "large";
  ASSERT_EQ(run(store_->dead_letters(query)).size(), 1u);
  EXPECT_EQ(run(store_->dead_letters(query))[0].id, "b");
  const DeadLetterTotals totals = run(store_->dead_letter_totals("movies"));
  EXPECT_EQ(totals.rows, 2u);
  const std::size_t expected =
      make_letter("", "", "mapping conflict").bytes() + make_letter("", "", "too large").bytes();
  EXPECT_EQ(totals.bytes, expected);
  EXPECT_EQ(run(store_->dead_letter_index("movies")).size(), 2u);
  run(store_->erase_dead_letters("movies", {"a", "unknown"}));
  const std::vector<DeadLetterEntry> left = run(store_->dead_letter_index("movies"));
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].id, "b");
  EXPECT_EQ(left[0].bytes, make_letter("", "", "too large").bytes());
  EXPECT_EQ(run(store_->dead_letter_totals("other")).rows, 1u);
}

TEST_P(StateStoreContract, LimitsTheListOfDeadLetters) {
  for (const char* id : {"a", "b", "c"}) {
    run(store_->add_dead_letters({make_letter("movies", id, "x")}));
  }
  DeadLetterQuery query;
  query.job = "movies";
  query.limit = 2;
  const std::vector<DeadLetter> letters = run(store_->dead_letters(query));
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].id, "c");
  EXPECT_EQ(letters[1].id, "b");
}

}  // namespace
}  // namespace rowferry::test
