// SPDX-License-Identifier: Apache-2.0
#include "data/episode_export.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "data/tar_writer.h"
#include "json/json.h"
#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct StringSink : ByteSink {
  explicit StringSink(std::string* out) : text(out) {}
  Status Write(ByteSpan bytes) override {
    text->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Ok();
  }
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  const std::string& name() const override { return *text; }
  std::string* text;
};

Episode Labelled() {
  Episode episode = MakeEpisode("a", 2, 7'000'000'000);
  episode.labels = {MakeLabel("sim", true, 2)};
  return episode;
}

std::vector<Json> Lines(const std::string& path) {
  std::vector<Json> lines;
  const Result<std::string> text = ReadWholeFile(path);
  EXPECT_TRUE(text.ok()) << path;
  for (size_t at = 0; text.ok() && at < text->size();) {
    const size_t end = text->find('\n', at);
    lines.push_back(Json::parse(text->substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

// Names of members; checks every header's sum.
std::vector<std::string> MembersOf(const std::string& tar) {
  std::vector<std::string> names;
  for (size_t at = 0; at < tar.size() && tar[at] != 0;) {
    std::string header = tar.substr(at, 512);
    const unsigned long stated = std::stoul(header.substr(148, 6), nullptr, 8);
    std::fill_n(header.begin() + 148, 8, ' ');
    unsigned long sum = 0;
    for (char c : header) sum += static_cast<uint8_t>(c);
    EXPECT_EQ(sum, stated);
    names.emplace_back(header.c_str());
    const size_t bytes = std::stoul(header.substr(124, 11), nullptr, 8);
    at += 512 + (bytes + 511) / 512 * 512;
  }
  return names;
}

TEST(TarWriterTest, FillsBlocksAndEndsWithTwoEmptyOnes) {
  std::string tar;
  StringSink sink(&tar);
  TarWriter writer(&sink);
  ASSERT_TRUE(writer.Add("a.txt", AsBytes("five!"), 1).ok());
  ASSERT_TRUE(writer.Add("b.txt", AsBytes(std::string(512, 'x')), 1).ok());
  ASSERT_TRUE(writer.Add("c.txt", {}, -5).ok());
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_THAT(MembersOf(tar), ElementsAre("a.txt", "b.txt", "c.txt"));
  EXPECT_EQ(tar.size(), 512u * (2 + 2 + 1 + 2));
  EXPECT_EQ(tar.substr(tar.size() - 1024), std::string(1024, 0));
}

TEST(EpisodeExportTest, AFolderHasAllThatTheEpisodeHas) {
  const TempDir dir;
  const std::string folder = dir.File("out");
  auto exporter = ExportToFolder(folder, Overwrite::kNo);
  ASSERT_TRUE(exporter.ok());
  const Episode labelled = Labelled(), plain = MakeEpisode("b", 1);
  ASSERT_TRUE((*exporter)->Add(labelled, &labelled.labels[0]).ok());
  ASSERT_TRUE((*exporter)->Add(plain, nullptr).ok());
  EXPECT_FALSE(std::filesystem::exists(folder + "/episodes.jsonl"));
  ASSERT_TRUE((*exporter)->Finish({{{"tool", "test"}}}).ok());

  const std::vector<Json> episodes = Lines(folder + "/episodes.jsonl");
  const std::vector<Json> steps = Lines(folder + "/steps.jsonl");
  ASSERT_EQ(episodes.size(), 2u);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(episodes[0]["id"], "a");
  EXPECT_EQ(episodes[0]["steps"], 2);
  EXPECT_EQ(episodes[0]["success"], true);
  EXPECT_EQ(episodes[1]["success"], nullptr);
  EXPECT_EQ(steps[1]["reward"], 1.0);
  EXPECT_EQ(steps[1]["is_last"], true);
  EXPECT_EQ(steps[2]["episode"], 1);
  EXPECT_EQ(steps[2]["reward"], nullptr);
  for (const Json& step : steps) {
    EXPECT_TRUE(std::filesystem::exists(folder + "/" + step["image"]["file"].get<std::string>()));
  }
  EXPECT_EQ(Lines(folder + "/lineage.json")[0]["programs"][0]["tool"], "test");
}

TEST(EpisodeExportTest, AFolderWithSomethingInItIsNotTouched) {
  const TempDir dir;
  ASSERT_TRUE(WriteWholeFile(dir.File("mine.txt"), "x", Overwrite::kNo).ok());
  const auto exporter = ExportToFolder(dir.path(), Overwrite::kNo);
  EXPECT_THAT(exporter.status().message(), HasSubstr("is not empty"));
  EXPECT_THAT(dir.Names(), ElementsAre("mine.txt"));
  EXPECT_TRUE(ExportToFolder(dir.path(), Overwrite::kYes).ok());
}

TEST(EpisodeExportTest, ASampleOfAWebDatasetIsAdjacent) {
  std::string tar;
  const auto exporter = ExportToWebDataset(std::make_unique<StringSink>(&tar));
  const Episode labelled = Labelled();
  ASSERT_TRUE(exporter->Add(labelled, &labelled.labels[0]).ok());
  ASSERT_TRUE(exporter->Finish({}).ok());
  EXPECT_THAT(MembersOf(tar), ElementsAre("000000-000.ppm", "000000-000.json", "000000-001.ppm",
                                          "000000-001.json", "__lineage__/lineage.json"));
}

}  // namespace
}  // namespace qt::data
