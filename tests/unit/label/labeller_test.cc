#include "label/labeller.h"

#include <gtest/gtest.h>

#include <cmath>

#include "episodes/episode_writer.h"
#include "pictures.h"

namespace qt::label {
namespace {

TEST(Labeller, GivesRewardsAndProvenance) {
  const Episode episode = MakeEpisode("a", true);
  const Result<LabelResult> result = LabelEpisode(episode, {});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->outcome, Outcome::kLabelled);
  EXPECT_EQ(result->label.source, "vote/2");
  EXPECT_TRUE(result->label.success);
  EXPECT_EQ(result->label.reward, (std::vector<float>{-0.05f, 1.0f}));
  EXPECT_EQ(result->label.content_hash, episodes::ComputeContentHash(episode));
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
  EXPECT_EQ(ChooseLabel(episode, "")->source, "vote/2");
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
  EXPECT_EQ(result.status().context(), "episode a: before_drop");
}

LabelOptions By(Method method) {
  LabelOptions options;
  options.method = method;
  return options;
}

TEST(Labeller, WithoutTheViewASuccessNeedsBothVotes) {
  Episode empty = MakeEpisode("a", true);
  empty.final_gripper.measured_opening_m = 0;
  EXPECT_FALSE(LabelEpisode(empty, {})->label.success);
  EXPECT_TRUE(LabelEpisode(empty, By(Method::kImageDiff))->label.success);
  EXPECT_FALSE(LabelEpisode(empty, By(Method::kOpening))->label.success);
  const Episode lost = MakeEpisode("b", false);
  EXPECT_FALSE(LabelEpisode(lost, {})->label.success);
  EXPECT_TRUE(LabelEpisode(lost, By(Method::kOpening))->label.success);
}

TEST(Labeller, TheGrippersViewOutvotesThePictures) {
  // Dropped out of sight; and slipped out of the gripper before the first picture.
  const Episode unseen = MakeViewedEpisode("a", /*success=*/false, /*held=*/true);
  const Episode slipped = MakeViewedEpisode("b", /*success=*/true, /*held=*/false);
  EXPECT_TRUE(LabelEpisode(unseen, {})->label.success);
  EXPECT_FALSE(LabelEpisode(slipped, {})->label.success);
  EXPECT_FALSE(LabelEpisode(unseen, By(Method::kImageDiff))->label.success);
  const float agreed = LabelEpisode(MakeViewedEpisode("c", false, false), {})->confidence;
  EXPECT_GT(agreed, 0.999f);
  EXPECT_LT(LabelEpisode(slipped, {})->confidence, agreed) << "they do not agree";
  Episode empty = unseen;
  empty.final_gripper.measured_opening_m = 0;
  EXPECT_FALSE(LabelEpisode(empty, {})->label.success) << "the fingers must agree";
}

TEST(Labeller, ADoubtfulViewLeavesItToThePictures) {
  const std::vector<Verdict> verdicts = {{kImageDiffSource, 0.98, {}},
                                         {kGripperViewSource, 0.4, {}}};
  EXPECT_GT(ProbabilityOf(verdicts), 0.9);
  EXPECT_EQ(ProbabilityOf({{kImageDiffSource, 0.9999, {}}}), 0.9999) << "alone as it is";
  EXPECT_EQ(ProbabilityOf({{kGripperViewSource, 0.9, {}}, {kOpeningSource, 0.2, {}}}), 0.2);
}

TEST(Labeller, TheGrippersViewCanJudgeAlone) {
  Episode episode = MakeViewedEpisode("a", false, true);
  EXPECT_EQ(LabelEpisode(episode, By(Method::kGripperView))->label.source, "gripper_view/1");
  EXPECT_TRUE(LabelEpisode(episode, By(Method::kGripperView))->label.success);
  EXPECT_EQ(LabelEpisode(MakeEpisode("b", true), By(Method::kGripperView))->outcome,
            Outcome::kNoEvidence);
  std::erase_if(episode.evidence,
                [](const EvidenceFrame& frame) { return !frame.name.starts_with("gripper"); });
  EXPECT_TRUE(LabelEpisode(episode, {})->label.success) << "a vote without a look at the bin";
  episode.evidence[1].image.bytes.resize(5);
  EXPECT_EQ(LabelEpisode(episode, {}).status().code(), Code::kCorrupt);
}

TEST(Labeller, SaysWhoVoted) {
  Episode episode = MakeEpisode("a", true);
  const Json both = Json::parse(LabelEpisode(episode, {})->label.config);
  EXPECT_TRUE(both["votes"].contains("image_diff/3"));
  EXPECT_GT(both["votes"]["opening/1"]["success_probability"], 0.5);
  EXPECT_FALSE(both["votes"].contains("gripper_view/1"));
  const Json all = Json::parse(LabelEpisode(MakeViewedEpisode("b", true, true), {})->label.config);
  EXPECT_GT(all["votes"]["gripper_view/1"]["change"], 1.75);
  episode.final_gripper.measured_opening_m = std::nanf("");
  const Result<LabelResult> pictures_only = LabelEpisode(episode, {});
  EXPECT_TRUE(pictures_only->label.success) << "fingers that say nothing abstain";
  EXPECT_EQ(pictures_only->verdicts.size(), 1u);
}

TEST(Labeller, TheFingersCanJudgeAlone) {
  Episode episode = MakeEpisode("a", true);
  episode.evidence.clear();
  EXPECT_EQ(LabelEpisode(episode, {})->outcome, Outcome::kNoEvidence);
  EXPECT_EQ(LabelEpisode(episode, By(Method::kOpening))->label.source, "opening/1");
  episode.final_gripper.height_m = 0.05f;
  EXPECT_FALSE(LabelEpisode(episode, By(Method::kOpening))->label.success) << "not lifted";
}

TEST(Labeller, LeavesTheDoubtfulWithoutALabel) {
  LabelOptions options;
  options.abstain = 0.99;
  EXPECT_EQ(LabelEpisode(MakeEpisode("a", true), options)->outcome, Outcome::kAbstained)
      << "the fingers are never that sure of a success";
  EXPECT_EQ(LabelEpisode(MakeEpisode("b", false), options)->outcome, Outcome::kLabelled);
}

TEST(Labeller, OldVersionsCountAsLabelled) {
  Episode episode = MakeEpisode("a", true);
  Label old;
  old.source = "image_diff/1";
  episode.labels.push_back(old);
  EXPECT_EQ(LabelEpisode(episode, {})->outcome, Outcome::kAlready);
}

TEST(Labeller, KnowsItsMethodsByName) {
  EXPECT_EQ(*ParseMethod("opening"), Method::kOpening);
  EXPECT_EQ(*ParseMethod("gripper_view"), Method::kGripperView);
  EXPECT_EQ(ParseMethod("human").status().code(), Code::kUsage);
}

}  // namespace
}  // namespace qt::label
