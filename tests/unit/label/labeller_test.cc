#include "label/labeller.h"

#include <gtest/gtest.h>

#include "pictures.h"
#include "record/episode_writer.h"

namespace qt::label {
namespace {

TEST(Labeller, GivesRewardsAndProvenance) {
  const Episode episode = MakeEpisode("a", true);
  const Result<LabelResult> result = LabelEpisode(episode, {});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->outcome, Outcome::kLabelled);
  EXPECT_EQ(result->label.source, "image_diff/1");
  EXPECT_TRUE(result->label.success);
  EXPECT_EQ(result->label.reward, (std::vector<float>{-0.05f, 1.0f}));
  EXPECT_EQ(result->label.content_hash, record::ComputeContentHash(episode));
  EXPECT_EQ(LabelEpisode(MakeEpisode("b", false), {})->label.reward,
            (std::vector<float>{-0.05f, 0.0f}));
}

TEST(Labeller, IsTheDefaultLabelAlsoAgainstTheTruth) {
  Episode episode = MakeEpisode("a", true);
  Label truth;
  truth.source = "sim";
  truth.revision = 3;
  episode.labels.push_back(truth);
  const Result<LabelResult> result = LabelEpisode(episode, {});
  ASSERT_EQ(result->outcome, Outcome::kLabelled) << "the truth is no label of ours";
  EXPECT_EQ(result->label.revision, 4u);
  episode.labels.push_back(result->label);
  EXPECT_EQ(ChooseLabel(episode, "")->source, "image_diff/1");
}

TEST(Labeller, LabelsOnceUnlessAskedAgain) {
  Episode episode = MakeEpisode("a", true);
  episode.labels.push_back(LabelEpisode(episode, {})->label);
  EXPECT_EQ(LabelEpisode(episode, {})->outcome, Outcome::kAlready);
  LabelOptions again_options;
  again_options.relabel = true;
  const Result<LabelResult> again = LabelEpisode(episode, again_options);
  EXPECT_EQ(again->outcome, Outcome::kLabelled);
  EXPECT_EQ(again->label.revision, 1u);
}

TEST(Labeller, NeedsBothPictures) {
  Episode episode = MakeEpisode("a", true);
  episode.evidence.pop_back();
  EXPECT_EQ(LabelEpisode(episode, {})->outcome, Outcome::kNoEvidence);
}

TEST(Labeller, UnreadablePicturesAreCorrupt) {
  Episode episode = MakeEpisode("a", true);
  episode.evidence[0].image.bytes.resize(5);
  const Result<LabelResult> result = LabelEpisode(episode, {});
  EXPECT_EQ(result.status().code(), Code::kCorrupt);
  EXPECT_NE(result.status().message().find("before_drop"), std::string::npos);
}

}  // namespace
}  // namespace qt::label
