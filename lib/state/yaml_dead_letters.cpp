#include "state/yaml_dead_letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "state/run_record.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

constexpr std::string_view kEnding = ".yaml";

json::object to_record(const DeadLetter& letter) {
  return {{"id", letter.id},        {"unit", letter.unit},          {"key", letter.key_json},
          {"row", letter.row_json}, {"reason", letter.reason},      {"run", letter.run},
          {"tries", letter.tries},  {"time", utc_text(letter.time)}};
}

DeadLetter letter_of(const json::object& record, const std::string& job) {
  const auto text = [&record](const char* key) {
    const json::string& found = record.at(key).as_string();
    return std::string(found.data(), found.size());
  };
  DeadLetter letter;
  letter.id = text("id");
  letter.job = job;
  letter.unit = text("unit");
  letter.key_json = text("key");
  letter.row_json = text("row");
  letter.reason = text("reason");
  letter.run = record.at("run").as_int64();
  letter.tries = record.at("tries").as_int64();
  letter.time = parse_utc_text(text("time"));
  return letter;
}

}  // namespace

void YamlDeadLetters::add(const std::vector<DeadLetter>& letters) {
  std::map<std::string, std::vector<DeadLetter>> by_job;
  for (const DeadLetter& letter : letters) {
    std::vector<DeadLetter>& known = by_job[letter.job];
    std::erase_if(known, [&letter](const DeadLetter& other) { return other.id == letter.id; });
    known.push_back(letter);
  }
  for (auto& [job, of_job] : by_job) {
    add_of_job(job, std::move(of_job));
  }
}

void YamlDeadLetters::add_of_job(const std::string& job, std::vector<DeadLetter> letters) {
  std::map<std::string, std::int64_t> tries;
  visit(job, [&tries](const DeadLetter& letter) {
    tries.emplace(letter.id, letter.tries);
    return true;
  });
  std::vector<std::string> again;
  for (DeadLetter& letter : letters) {
    const auto known = tries.find(letter.id);
    if (known != tries.end()) {
      letter.tries = known->second + 1;
      again.push_back(letter.id);
    }
  }
  const std::vector<std::int64_t> before = numbers(job);
  const std::int64_t number = before.empty() ? 1 : before.back() + 1;
  make_folders(place_.dead_letter_folder(job), 0700);
  write(job, number, letters);
  if (again.empty()) {
    return;
  }
  for (const std::int64_t older : before) {
    drop(job, older, again);
  }
}

std::vector<DeadLetter> YamlDeadLetters::list(const DeadLetterQuery& query) {
  std::vector<DeadLetter> found;
  visit(query.job, [&](DeadLetter letter) {
    const bool is_wanted = !query.reason || letter.reason.find(*query.reason) != std::string::npos;
    if (is_wanted && found.size() < query.limit) {
      found.push_back(std::move(letter));
    }
    return found.size() < query.limit;
  });
  return found;
}

std::vector<DeadLetterEntry> YamlDeadLetters::index(const std::string& job) {
  std::vector<DeadLetterEntry> index;
  visit(job, [&index](const DeadLetter& letter) {
    index.push_back({letter.id, letter.bytes()});
    return true;
  });
  return index;
}

DeadLetterTotals YamlDeadLetters::totals(const std::string& job) {
  DeadLetterTotals totals;
  for (const DeadLetterEntry& entry : index(job)) {
    ++totals.rows;
    totals.bytes += entry.bytes;
  }
  return totals;
}

// The older files first: an older state of a letter never outlives the newer one.
void YamlDeadLetters::erase(const std::string& job, const std::vector<std::string>& ids) {
  for (const std::int64_t number : numbers(job)) {
    drop(job, number, ids);
  }
}

/// Writes a file without some letters; one that holds nothing more is removed.
void YamlDeadLetters::drop(const std::string& job, std::int64_t number,
                           const std::vector<std::string>& ids) {
  const std::set<std::string> dropped(ids.begin(), ids.end());
  std::vector<DeadLetter> letters = read(job, number);
  const std::size_t removed = std::erase_if(
      letters, [&dropped](const DeadLetter& letter) { return dropped.contains(letter.id); });
  if (letters.empty()) {
    file(job, number).erase();
  } else if (removed > 0) {
    write(job, number, letters);
  }
}

/// Every letter once, the newest first.
void YamlDeadLetters::visit(const std::string& job, const Visit& visit) {
  std::vector<std::int64_t> all = numbers(job);
  std::set<std::string> seen;
  bool goes_on = true;
  while (goes_on && !all.empty()) {
    std::vector<DeadLetter> letters = read(job, all.back());
    all.pop_back();
    for (auto letter = letters.rbegin(); goes_on && letter != letters.rend(); ++letter) {
      if (seen.insert(letter->id).second) {
        goes_on = visit(std::move(*letter));
      }
    }
  }
}

std::vector<std::int64_t> YamlDeadLetters::numbers(const std::string& job) const {
  std::vector<std::int64_t> found;
  for (const std::string& name : names_in(place_.dead_letter_folder(job))) {
    std::int64_t number = 0;
    const auto end = std::from_chars(name.data(), name.data() + name.size(), number);
    if (end.ec == std::errc() && std::string_view(end.ptr) == kEnding) {
      found.push_back(number);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

YamlFile YamlDeadLetters::file(const std::string& job, std::int64_t number) const {
  YamlIdentity identity;
  identity.title = fmt::format("a part of the dead letters of job {}", job);
  identity.keys = {{"kind", "dead_letters"}, {"job", job}};
  identity.remedy =
      "Put a backup of the file in its place; or remove it and ask for a full copy of the job "
      "(rowferry run --full), which finds the rows again that the sink still refuses";
  return YamlFile(place_.dead_letter_folder(job) / fmt::format("{:09}{}", number, kEnding),
                  std::move(identity));
}

std::vector<DeadLetter> YamlDeadLetters::read(const std::string& job, std::int64_t number) {
  const std::optional<YamlContent> content = place_.read(file(job, number));
  std::vector<DeadLetter> letters;
  if (content) {
    for (const json::value& record : content->body.at("letters").as_array()) {
      letters.push_back(letter_of(record.as_object(), job));
    }
  }
  return letters;
}

void YamlDeadLetters::write(const std::string& job, std::int64_t number,
                            const std::vector<DeadLetter>& letters) {
  json::array records;
  for (const DeadLetter& letter : letters) {
    records.emplace_back(to_record(letter));
  }
  file(job, number).write_alone({{"letters", std::move(records)}});
}

}  // namespace rowferry
