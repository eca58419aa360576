// SPDX-License-Identifier: Apache-2.0
#include "label/label_episode.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/check.h"
#include "json/json.h"
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
  EXPECT_EQ(result->label.content_hash, 0u) << "which is left to the writer";
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
  episode.evidence[0].image.bytes = Bytes(5);
  const Result<LabelResult> result = LabelEpisode(episode, {});
  EXPECT_EQ(result.status().code(), Code::kCorrupt);
  EXPECT_EQ(result.status().context(), "episode a: before_drop");
}

LabelOptions By(const char* labeller) {
  LabelOptions options;
  options.labeller = labeller;
  return options;
}

TEST(Labeller, WithoutTheViewASuccessNeedsBothVotes) {
  Episode empty = MakeEpisode("a", true);
  empty.final_gripper.measured_opening_m = 0;
  EXPECT_FALSE(LabelEpisode(empty, {})->label.success);
  EXPECT_TRUE(LabelEpisode(empty, By("image_diff"))->label.success);
  EXPECT_FALSE(LabelEpisode(empty, By("opening"))->label.success);
  const Episode lost = MakeEpisode("b", false);
  EXPECT_FALSE(LabelEpisode(lost, {})->label.success);
  EXPECT_TRUE(LabelEpisode(lost, By("opening"))->label.success);
}

TEST(Labeller, TheGrippersViewOutvotesThePictures) {
  // Dropped out of sight; and slipped out of the gripper before the first picture.
  const Episode unseen = MakeViewedEpisode("a", /*success=*/false, /*held=*/true);
  const Episode slipped = MakeViewedEpisode("b", /*success=*/true, /*held=*/false);
  EXPECT_TRUE(LabelEpisode(unseen, {})->label.success);
  EXPECT_FALSE(LabelEpisode(slipped, {})->label.success);
  EXPECT_FALSE(LabelEpisode(unseen, By("image_diff"))->label.success);
  const float agreed = LabelEpisode(MakeViewedEpisode("c", false, false), {})->confidence;
  EXPECT_GT(agreed, 0.999f);
  EXPECT_LT(LabelEpisode(slipped, {})->confidence, agreed) << "they do not agree";
  Episode empty = unseen;
  empty.final_gripper.measured_opening_m = 0;
  EXPECT_FALSE(LabelEpisode(empty, {})->label.success) << "the fingers must agree";
}

TEST(Labeller, ADoubtfulViewLeavesItToThePictures) {
  const Verdict pictures = {.success_probability = 0.98, .worth = 0.99};
  const Verdict view = {.success_probability = 0.4, .worth = 0.999};
  EXPECT_GT(Vote(std::vector{pictures, view}), 0.9);
  const Verdict sure = {.success_probability = 0.9999, .worth = 0.99};
  EXPECT_EQ(Vote(std::vector{sure}), 0.9999) << "alone as it is";
  EXPECT_LT(Vote(std::vector{sure, view}), 0.99) << "beside others no more than its worth";
  const Verdict fingers = {.success_probability = 0.2};
  EXPECT_EQ(Vote(std::vector{sure, fingers}), 0.2) << "without a worth: a veto";
  EXPECT_EQ(Vote(std::vector{view, Verdict{.success_probability = 0.9}}), 0.4);
}

TEST(Labeller, TheGrippersViewCanJudgeAlone) {
  Episode episode = MakeViewedEpisode("a", false, true);
  EXPECT_EQ(LabelEpisode(episode, By("gripper_view"))->label.source, "gripper_view/1");
  EXPECT_TRUE(LabelEpisode(episode, By("gripper_view"))->label.success);
  EXPECT_EQ(LabelEpisode(MakeEpisode("b", true), By("gripper_view"))->outcome,
            Outcome::kNoEvidence);
  std::erase_if(episode.evidence,
                [](const EvidenceFrame& frame) { return !frame.name.starts_with("gripper"); });
  EXPECT_TRUE(LabelEpisode(episode, {})->label.success) << "a vote without a look at the bin";
  episode.evidence[1].image.bytes = Bytes(5);
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
  EXPECT_EQ(LabelEpisode(episode, By("opening"))->label.source, "opening/1");
  episode.final_gripper.height_m = 0.05f;
  EXPECT_FALSE(LabelEpisode(episode, By("opening"))->label.success) << "not lifted";
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

TEST(Labellers, AreFoundByNameAndCopiedWithTheirSettings) {
  Labellers labellers;
  EXPECT_EQ(labellers.names(), (std::vector<std::string>{"image_diff", "gripper_view", "opening"}));
  EXPECT_EQ(labellers.Find("opening")->source(), "opening/1");
  EXPECT_EQ(labellers.Find("human"), nullptr);
  labellers.Number("min_opening") = 0.5;
  Labellers copy = labellers;
  EXPECT_EQ(copy.Number("min_opening"), 0.5);
  copy.Number("min_opening") = 0.1;
  EXPECT_EQ(labellers.Number("min_opening"), 0.5);
  EXPECT_THROW(copy.Number("opening"), ContractError);
}

TEST(Labellers, OnlyTheFingersTellAnEmptyGrip) {
  const Labellers labellers;
  Episode episode = MakeEpisode("a", true);
  EXPECT_EQ(labellers.Find("opening")->IsEmpty(episode), false);
  EXPECT_EQ(labellers.Find("image_diff")->IsEmpty(episode), std::nullopt);
  episode.final_gripper.measured_opening_m = 0.001f;
  EXPECT_EQ(labellers.Find("opening")->IsEmpty(episode), true);
  episode.final_gripper.measured_opening_m = std::nanf("");
  EXPECT_EQ(labellers.Find("opening")->IsEmpty(episode), std::nullopt);
}

struct Written {
  std::vector<std::string> ids;
  std::vector<bool> success;  // of the new label; false without one
  std::vector<size_t> num_labels;
  FilterStats stats;
  Status status;
  int most_in_memory = 0;
};

// 60 episodes: every third a success, every seventh without evidence, number 10 unreadable, all
// with a truth that is wrong for number 5.
episodes::StoredEpisode MakeStored(int k) {
  episodes::StoredEpisode stored{MakeEpisode("e" + std::to_string(k), k % 3 == 0), {}};
  Label truth;
  truth.source = "sim";
  truth.success = (k % 3 == 0) != (k == 5);
  stored.episode.labels.push_back(truth);
  if (k % 7 == 0) stored.episode.evidence.clear();
  if (k == 10) stored.episode.evidence[1].image.bytes = {};
  return stored;
}

Written RunFilter(int num_threads, Status end = Ok(), int fail_write_at = -1) {
  Written written;
  int next = 0;
  std::atomic<int> in_memory = 0;
  const auto read = [&]() -> Result<std::optional<episodes::StoredEpisode>> {
    if (next == 60 && !end.ok()) return end;
    if (next == 60) return std::optional<episodes::StoredEpisode>();
    written.most_in_memory = std::max(written.most_in_memory, ++in_memory);
    return std::optional(MakeStored(next++));
  };
  const auto write = [&](const episodes::StoredEpisode& stored, std::span<const Label> labels) {
    if (int(written.ids.size()) == fail_write_at) return Failed("disk full");
    --in_memory;
    written.ids.push_back(stored.episode.id);
    written.num_labels.push_back(labels.size());
    written.success.push_back(!labels.empty() && labels[0].success);
    return Ok();
  };
  const std::atomic<bool> stop = false;
  written.status = FilterEpisodes(
      read, write, {}, num_threads, stop, [](const FilterStats&) {}, {}, &written.stats);
  return written;
}

TEST(Filter, OneInOneOutInOrderOnAnyNumberOfThreads) {
  const Written one = RunFilter(1);
  ASSERT_TRUE(one.status.ok());
  ASSERT_EQ(one.ids.size(), 60u);
  for (int k = 0; k < 60; ++k) EXPECT_EQ(one.ids[size_t(k)], "e" + std::to_string(k));
  for (int num_threads : {2, 5}) {
    const Written many = RunFilter(num_threads);
    EXPECT_EQ(many.ids, one.ids);
    EXPECT_EQ(many.success, one.success);
    EXPECT_EQ(many.num_labels, one.num_labels);
    EXPECT_LE(many.most_in_memory, 2 * num_threads);
  }
}

TEST(Filter, CountsWhatItDidAndHowItAgrees) {
  const FilterStats stats = RunFilter(2).stats;
  EXPECT_EQ(stats.episodes, 60u);
  EXPECT_EQ(stats.without_evidence, 9u);
  EXPECT_EQ(stats.undecidable, 1u);
  EXPECT_EQ(stats.labelled, 50u);
  EXPECT_EQ(stats.agreement.total(), 50u);
  EXPECT_EQ(stats.agreement.false_failure, 1u);
  EXPECT_EQ(stats.agreement.false_success, 0u);
  EXPECT_EQ(stats.successes, stats.agreement.both_success);
}

TEST(Filter, AnErrorOfTheInputComesAfterWhatWasRead) {
  const Written written = RunFilter(3, Corrupt("torn"));
  EXPECT_EQ(written.status.message(), "torn");
  EXPECT_EQ(written.ids.size(), 60u);
}

TEST(Filter, AnErrorOfTheOutputEndsIt) {
  const Written written = RunFilter(3, Ok(), 7);
  EXPECT_EQ(written.status.message(), "disk full");
  EXPECT_EQ(written.ids.size(), 7u);
}

TEST(Filter, WhatIsThrownEndsItOnAnyNumberOfThreads) {
  for (int num_threads : {1, 4}) {
    int next = 0;
    const std::atomic<bool> stop = false;
    FilterStats stats;
    const Status status = FilterEpisodes(
        [&]() -> Result<std::optional<episodes::StoredEpisode>> {
          return std::optional(MakeStored(next++));
        },
        [](const episodes::StoredEpisode&, std::span<const Label>) -> Status {
          throw std::runtime_error("no memory for it");
        },
        {}, num_threads, stop, [](const FilterStats&) {}, {}, &stats);
    EXPECT_EQ(status.message(), "no memory for it") << num_threads;
  }
}

TEST(Filter, EpisodesComeOutBeforeTheInputEnds) {
  int written = 0;
  const std::atomic<bool> stop = false;
  int reads = 0;
  FilterStats stats;
  const auto read = [&]() -> Result<std::optional<episodes::StoredEpisode>> {
    if (++reads == 2) {
      EXPECT_EQ(written, 1) << "the first must be out before the second is asked for";
      return std::optional<episodes::StoredEpisode>();
    }
    return std::optional(MakeStored(0));
  };
  const auto write = [&](const episodes::StoredEpisode&, std::span<const Label>) {
    ++written;
    return Ok();
  };
  EXPECT_TRUE(FilterEpisodes(
                  read, write, {}, 1, stop, [](const FilterStats&) {}, {}, &stats)
                  .ok());
}

TEST(Filter, StopsBetweenEpisodes) {
  std::atomic<bool> stop = false;
  FilterStats stats;
  const auto read = [&]() -> Result<std::optional<episodes::StoredEpisode>> {
    stop = true;
    return std::optional(MakeStored(0));
  };
  const auto write = [](const episodes::StoredEpisode&, std::span<const Label>) { return Ok(); };
  const Status status = FilterEpisodes(
      read, write, {}, 1, stop, [](const FilterStats&) {}, {}, &stats);
  EXPECT_EQ(status.code(), Code::kInterrupted);
  EXPECT_EQ(stats.episodes, 1u);
}

}  // namespace
}  // namespace qt::label
