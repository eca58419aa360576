// SPDX-License-Identifier: Apache-2.0
#include "data/episode_info.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "json/json.h"
#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Told {
  Json json;
  std::string text;
};

Told InfoOf(const std::vector<Episode>& episodes, const std::string& label = "") {
  const TempDir folder;
  WriteFile(folder.File("a.mcap"), episodes);
  episodes::EpisodeStream stream({folder.File("a.mcap")});
  EpisodeInfo info;
  for (auto next = stream.Next(); next.ok() && next->has_value(); next = stream.Next()) {
    info.Add(**next, ChooseLabel((*next)->episode, label));
  }
  return {info.ToJson(stream, 2), info.ToText(stream, 2)};
}

std::vector<Episode> TwoEpisodes() {
  std::vector<Episode> episodes = {MakeEpisode("a", 3, 1'000'000'000),
                                   MakeEpisode("bb", 2, 5'000'000'000)};
  episodes[0].labels = {MakeLabel("sim", true, 3), MakeLabel("human:eva", false, 3, 1)};
  episodes[1].labels = {MakeLabel("sim", true, 2)};
  return episodes;
}

TEST(EpisodeInfoTest, CountsByLabelSourceAndPolicy) {
  const Told told = InfoOf(TwoEpisodes());
  EXPECT_EQ(told.json["episodes"], 2);
  EXPECT_EQ(told.json["left_out"], 2);
  EXPECT_EQ(told.json["steps"], 5);
  EXPECT_EQ(told.json["labels"]["sim"]["rate"], 1.0);
  EXPECT_EQ(told.json["labels"]["sim"]["interval"].size(), 2u);
  EXPECT_EQ(told.json["labels"]["human:eva"]["success"], 0);
  EXPECT_EQ(told.json["success_by_policy"]["scripted"]["count"], 1);
  EXPECT_EQ(told.json["images"]["rgb8 4x4"], 5);
  EXPECT_EQ(told.json["time_ns"], Json({1'000'000'000, 5'100'000'000}));
  EXPECT_EQ(told.json["duplicates"], 0);
  EXPECT_THAT(told.text, HasSubstr("labelled by human:eva"));
  EXPECT_THAT(told.text, HasSubstr("1970-01-01T00:00:01Z to 1970-01-01T00:00:05Z"));
  EXPECT_THAT(told.text, HasSubstr("made by         make"));
}

TEST(EpisodeInfoTest, TheLabelThatCountsDecidesTheRate) {
  EXPECT_EQ(InfoOf(TwoEpisodes()).json["success"]["rate"], 0.5);
  EXPECT_EQ(InfoOf(TwoEpisodes(), "sim").json["success"]["rate"], 1.0);
  EXPECT_EQ(InfoOf(TwoEpisodes(), "human").json["success"]["labelled"], 1);
  EXPECT_EQ(InfoOf(TwoEpisodes(), "other").json["success"]["rate"], nullptr);
}

TEST(EpisodeInfoTest, CountsByTheSetOfObjectsThatIsNamed) {
  std::vector<Episode> episodes = TwoEpisodes();
  episodes[0].env_config = R"({"objects": "tools"})";
  const Told told = InfoOf(episodes);
  EXPECT_EQ(told.json["success_by_objects"]["tools"]["labelled"], 1);
  EXPECT_EQ(told.json["success_by_objects"][""]["rate"], 1.0);
  EXPECT_THAT(told.text, HasSubstr("objects         tools 1, success 0.0 %"));
  EXPECT_THAT(InfoOf(TwoEpisodes()).text, Not(HasSubstr("objects")));
}

// Rounds of a loop: the same name, another file.
std::vector<Episode> Rounds(int count) {
  std::vector<Episode> episodes;
  for (int i = count; i-- > 0;) {  // in a spool files need not be in the order of time
    for (const bool success : {true, i > 0}) {
      Episode episode = MakeEpisode("e" + std::to_string(2 * i + success), 2,
                                    (int64_t{100} * i + episodes.size() % 2) * 1'000'000'000);
      episode.policy = "model:policy";
      episode.policy_digest = std::to_string(i) + std::string(60, 'a');
      episode.labels = {MakeLabel("sim", success, 2)};
      episodes.push_back(episode);
    }
  }
  return episodes;
}

TEST(EpisodeInfoTest, EachFileOfAPolicyIsARoundInOrderOfTime) {
  const Told told = InfoOf(Rounds(3));
  const Json& rounds = told.json["rounds"];
  ASSERT_EQ(rounds.size(), 3u);
  EXPECT_EQ(rounds[0]["digest"], "0" + std::string(60, 'a'));
  EXPECT_EQ(rounds[0]["success"]["rate"], 0.5);
  EXPECT_EQ(rounds[2]["success"]["rate"], 1.0);
  EXPECT_EQ(rounds[2]["success"]["labelled"], 2);
  EXPECT_EQ(rounds[1]["time_ns"], Json({100'000'000'000, 101'000'000'000}));
  EXPECT_THAT(told.text, HasSubstr("round 2         1970-01-01T00:01:40Z model:policy "
                                   "1aaaaaaaaaaa, 2, success 100.0 %"));
  EXPECT_EQ(InfoOf(Rounds(1)).json["rounds"].size(), 1u);
  EXPECT_THAT(InfoOf(Rounds(1)).text, Not(HasSubstr("round")));
}

TEST(EpisodeInfoTest, ManyRoundsShareLines) {
  const Told told = InfoOf(Rounds(45));
  EXPECT_EQ(told.json["rounds"].size(), 45u);
  EXPECT_THAT(told.text, HasSubstr("round 1-3       1970-01-01T00:00:00Z 3 policies, 6, "));
  EXPECT_THAT(told.text, HasSubstr("round 43-45 "));
  EXPECT_THAT(told.text, Not(HasSubstr("round 46")));
}

TEST(EpisodeInfoTest, TellsEpisodesWithTheSameObservations) {
  std::vector<Episode> episodes = TwoEpisodes();
  episodes.push_back(episodes[0]);
  EXPECT_EQ(InfoOf(episodes).json["duplicates"], 1);
}

TEST(EpisodeInfoTest, NothingIsSaidOfNothing) {
  const Told told = InfoOf({});
  EXPECT_EQ(told.json["episodes"], 0);
  EXPECT_EQ(told.json["time_ns"], nullptr);
}

// What a file says of itself can neither end a line nor reach the terminal.
TEST(EpisodeInfoTest, TextIsHarmless) {
  std::vector<Episode> episodes = TwoEpisodes();
  episodes[0].policy = "\x1b]0;title\x07 9, success 100 %\ndamage 0";
  episodes[0].task =
      "\xc2\x9b"
      "2J";
  episodes[0].labels[0].source = "sim\rfake";
  const Told told = InfoOf(episodes);
  EXPECT_THAT(told.text, HasSubstr("\\x1b]0;title\\x07 9, success 100 %\\ndamage 0 1, success"));
  EXPECT_THAT(told.text, HasSubstr("\\u009b2J"));
  EXPECT_THAT(told.text, HasSubstr("sim\\rfake"));
  EXPECT_EQ(PrintableLines(told.text), told.text);
}

}  // namespace
}  // namespace qt::data
