#include <gmock/gmock.h>

#include <fstream>

#include "file_sink_fixture.hpp"

namespace rowferry::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FileSinkExamination : public FileSinkTest {
 protected:
  SinkExamination examine(Depth depth = Depth::plan) {
    SinkExaminationRequest request;
    request.depth = depth;
    request.job = "movies";
    request.schema = schema_;
    request.samples =
        std::make_shared<Batch>(make_batch(schema_, {{1, "One"}, {2, std::nullopt}}, 77));
    make_sink();
    return loop_.run(sink_->examine(std::move(request)));
  }
};

TEST_F(FileSinkExamination, ShowsWhatWouldBeMadeAndMakesNothing) {
  base_ = base_ / "deep" / "out";
  const SinkExamination found = examine();
  EXPECT_THAT(found.findings, ElementsAre(Field(&Finding::severity, Severity::ok)));
  ASSERT_THAT(found.creations, SizeIs(3));
  EXPECT_EQ(found.creations[0].what, "folder " + (base_ / "movies/").string());
  EXPECT_EQ(found.creations[1].what, "objects like movies/000001/part-0001.ndjson");
  EXPECT_EQ(found.creations[2].what, "manifest movies/_manifest.json");
  EXPECT_THAT(found.samples, ElementsAre(R"({"id":1,"title":"One"})", R"({"id":2,"title":null})"));
  EXPECT_THAT(found.forms, ElementsAre("number", "string"));
  EXPECT_FALSE(std::filesystem::exists(base_.parent_path()));
}

TEST_F(FileSinkExamination, TakesTheNextNumberOfTheFolder) {
  full_run(4, {{1, "One"}});
  sink_.reset();
  const SinkExamination found = examine();
  EXPECT_EQ(found.creations[0].what, "objects like movies/000005/part-0001.ndjson");
}

TEST_F(FileSinkExamination, ShowsTheHeaderOfCsv) {
  settings_.format = ObjectFormat::csv;
  const SinkExamination found = examine();
  EXPECT_THAT(found.creations[1].body, HasSubstr("id,title"));
  EXPECT_THAT(found.samples, ElementsAre("1,One", "2,"));
  EXPECT_THAT(found.forms, ElementsAre("the server's text", "the server's text"));
}

TEST_F(FileSinkExamination, AKeyMustNameColumnsThatAreThere) {
  use_key("{job}/{column:nope}/{run_seq:06}-{part:04}.ndjson");
  const SinkExamination found = examine(Depth::check);
  ASSERT_THAT(found.findings, SizeIs(2));
  EXPECT_EQ(found.findings[1].severity, Severity::wrong);
  EXPECT_THAT(found.findings[1].text, HasSubstr("nope"));
}

TEST_F(FileSinkExamination, ShowsWhereARowGoes) {
  use_key("{job}/{column:title}/{run_seq:06}-{part:04}.ndjson");
  EXPECT_EQ(examine().creations[1].what, "objects like movies/One/000001-0001.ndjson");
}

TEST_F(FileSinkExamination, AFileInTheWayIsWrong) {
  std::filesystem::create_directories(base_);
  std::ofstream(base_ / "movies") << "a file";
  const SinkExamination found = examine(Depth::check);
  EXPECT_EQ(found.findings[0].severity, Severity::wrong);
}

}  // namespace
}  // namespace rowferry::test
