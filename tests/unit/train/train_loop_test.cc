// SPDX-License-Identifier: Apache-2.0
// What the loop promises beside learning: the same run again, bad numbers, buffers that lose
// episodes, policies and evaluations.
#include "train/train_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <sstream>
#include <thread>

#include "base/digest.h"
#include "tensors/safetensors.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class TrainLoopTest : public TrainTest {
 protected:
  std::vector<Json> Metrics(const std::string& run) {
    std::vector<Json> lines;
    std::istringstream text(Read(run + "/metrics.jsonl"));
    for (std::string line; std::getline(text, line);) lines.push_back(Json::parse(line));
    return lines;
  }

  std::vector<double> Losses(const std::string& run) {
    std::vector<double> losses;
    for (const Json& line : Metrics(run)) losses.push_back(line.at("loss").get<double>());
    return losses;
  }

  replay::EpisodePtr Decoded(const Episode& episode) {
    return *replay::MakeReplayEpisode(episode, "", TaskConfig());
  }
};

TEST_F(TrainLoopTest, TheSameSeedGivesTheSameFirst100Losses) {
  LoopOptions options;
  options.config.steps = 100;
  options.config.log_steps = 1;
  ASSERT_TRUE(Train("a", options, SmallConfig()).ok());
  ASSERT_TRUE(Train("b", options, SmallConfig()).ok());
  EXPECT_EQ(Losses("a").size(), 100u);
  EXPECT_EQ(Losses("a"), Losses("b"));
}

TEST_F(TrainLoopTest, ResumesExactlyWithBothBuffersAndTheRamp) {
  for (int i = 20; i < 26; ++i) replay_.Add(Decoded(TwoSteps(i)), replay::Origin::kOnline);
  TrainConfig config = SmallConfig();
  config.online_ramp_steps = 20;
  ASSERT_TRUE(Train("whole", 30, config).ok());
  ASSERT_TRUE(Train("halves", 13, config).ok());
  ASSERT_TRUE(Train("halves", 30, config).ok());
  EXPECT_EQ(Read("whole/checkpoints/step-00000030.safetensors"),
            Read("halves/checkpoints/step-00000030.safetensors"));
  const std::vector<Json> metrics = Metrics("whole");
  EXPECT_NEAR(metrics[0].at("online_share").get<double>(), 0.01 + 0.49 * 5 / 20, 1e-6);
  EXPECT_NEAR(metrics.back().at("online_share").get<double>(), 0.5, 1e-6);
  EXPECT_EQ(metrics[0].at("online_episodes"), 6);
  EXPECT_EQ(metrics[0].at("replay_episodes"), 22);
  EXPECT_NEAR(metrics[0].at("online_success").get<double>(), 0.5, 1e-6);
}

TEST_F(TrainLoopTest, ARewardThatIsNoNumberStopsTheRunAndItsBatchIsKept) {
  Episode broken = TwoSteps(0);
  broken.id = "broken";
  broken.labels[0].reward[1] = std::numeric_limits<float>::quiet_NaN();
  replay_.Add(Decoded(broken));
  const auto summary = Train("run", 1000, SmallConfig());
  ASSERT_FALSE(summary.ok());
  EXPECT_THAT(summary.status().ToString(), HasSubstr("run/bad-batch-"));
  std::string path;
  for (const auto& entry : fs::directory_iterator(dir_.path() + "/run")) {
    if (entry.path().filename().string().starts_with("bad-batch-")) path = entry.path();
  }
  const auto batch = tensors::LoadSafetensors(path);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  std::vector<std::string> names;
  for (const tensors::Tensor& tensor : batch->tensors) names.push_back(tensor.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"image_BCHW", "action_BA8", "target_BA"}));
  EXPECT_THAT(batch->metadata.at("states"), HasSubstr("broken"));
}

TEST_F(TrainLoopTest, EpisodesThatTheReplayBufferLosesLeaveTheTrainBufferToo) {
  const uint64_t one = replay_.Episodes()[0]->bytes;
  replay::ReplayBuffer small(8 * one + 64);
  for (int i = 0; i < 8; ++i) small.Add(Decoded(TwoSteps(i)));
  std::vector<std::weak_ptr<const replay::ReplayEpisode>> gone;
  for (const replay::EpisodePtr& episode : small.Episodes()) gone.push_back(episode);
  auto folder = *RunFolder::Create(dir_.path() + "/run", json::Write(SmallConfig()), false);
  LoopOptions options;
  options.config.steps = 20;
  options.config.log_steps = 1;
  options.on_progress = [&](const LoopProgress& progress) {
    if (progress.step == 10) {
      for (int i = 8; i < 16; ++i) small.Add(Decoded(TwoSteps(i)), replay::Origin::kOnline);
    }
    if (progress.step != 12) return;
    for (const auto& episode : gone) EXPECT_TRUE(episode.expired());
  };
  ASSERT_TRUE(RunTraining(SmallConfig(), options, small, *folder).ok());
  EXPECT_EQ(small.num_evicted(), 8u);
}

TEST_F(TrainLoopTest, PublishesThePolicyInBetweenAndNotesEachDigest) {
  LoopOptions options;
  options.config.steps = 10;
  options.config.publish.policy_steps = 4;
  options.config.publish.policy_s = 0;
  ASSERT_TRUE(Train("run", options, SmallConfig()).ok());
  const auto folder = *RunFolder::Resume(dir_.path() + "/run");
  const auto digests = folder->PolicyDigests();
  ASSERT_TRUE(digests.ok());
  EXPECT_EQ(digests->size(), 3u);  // steps 4, 8 and 10
  EXPECT_EQ(digests->count(Sha256Hex(AsBytes(Read("run/policy.safetensors")))), 1u);
}

TEST_F(TrainLoopTest, AnErrorOfTheReadersEndsTheRunAfterSaving) {
  LoopOptions options;
  options.config.steps = 1000;
  int calls = 0;
  options.data_status = [&calls] { return ++calls < 5 ? Ok() : NotFound("gone").At("spool"); };
  const auto summary = Train("run", options, SmallConfig());
  EXPECT_EQ(summary.status().ToString(), "spool: gone");
  EXPECT_TRUE(fs::exists(dir_.path() + "/run/policy.safetensors"));
}

TEST_F(TrainLoopTest, AnEvaluationThatFailsIsAWarning) {
  LoopOptions options;
  options.config.steps = 4;
  options.config.publish.held_out.every_steps = 2;
  options.config.publish.held_out.objects = "no-such-objects";
  const auto summary = Train("run", options, SmallConfig());
  ASSERT_TRUE(summary.ok()) << summary.status().ToString();
  EXPECT_FALSE(summary->held_out.has_value());
  EXPECT_FALSE(fs::exists(dir_.path() + "/run/best.safetensors"));
}

TEST_F(TrainLoopTest, AnnouncesItsMemory) {
  const auto summary = Train("run", 30, SmallConfig());
  ASSERT_TRUE(summary.ok());
  EXPECT_GT(summary->peak_bytes, replay_.bytes());
  EXPECT_LT(summary->peak_bytes, summary->announced_bytes / 10 * 11);
}

}  // namespace
}  // namespace qt::train
