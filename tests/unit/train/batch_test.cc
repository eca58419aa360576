// SPDX-License-Identifier: Apache-2.0
#include "train/batch.h"

#include <gtest/gtest.h>

#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

TEST(BatchTest, PaddingHasNoWeightAndMirroringKeepsTheTarget) {
  TrainConfig config = SmallConfig();
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  RandomStream rng(1);
  const Batch batch = MakeBatch(
      StatesOf(episode,
               {{{Action::Close(), 0.5f}}, {{Action::Close(), 0.25f}, {Action::Open(), 0.75f}}}),
      config, rng);
  EXPECT_EQ(batch.weight_BA.sum().item<float>(), 3);
  EXPECT_EQ(batch.target_BA[1][1].item<float>(), 0.75f);
  EXPECT_EQ(batch.image_BCHW.sizes(), (std::vector<int64_t>{2, 3, kSize_px, kSize_px}));
  EXPECT_LE(batch.image_BCHW.abs().max().item<float>(), 0.5f);
}

TEST(BatchTest, WithoutAugmentationTheNetworkSeesTheRecordedImage) {
  TrainConfig config = SmallConfig();
  config.augment = false;
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  RandomStream rng(1);
  const Batch batch = MakeBatch(StatesOf(episode, {{{Action::Close(), 0.5f}}}), config, rng);
  const std::vector<uint8_t>& rgb_HWC = episode->images[0].rgb_HWC;
  const torch::Tensor seen_HWC = batch.image_BCHW[0].permute({1, 2, 0}).contiguous();
  ASSERT_EQ(seen_HWC.numel(), static_cast<int64_t>(rgb_HWC.size()));
  for (size_t i = 0; i < rgb_HWC.size(); ++i) {
    ASSERT_NEAR(seen_HWC.data_ptr<float>()[i], rgb_HWC[i] / 255.0f - 0.5f, 1e-6) << i;
  }
}

TEST(BatchTest, TheShareOfPicturesIsDisturbedAndNothingElse) {
  TrainConfig config = SmallConfig();
  config.augment = false;
  const replay::EpisodePtr episode = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  const auto num_changed = [&](double share) {
    RandomStream rng(1), plain_rng(1);
    std::vector<TargetedState> states;
    for (int i = 0; i < 200; ++i) {
      states.push_back(StatesOf(episode, {{{Action::Close(), 0.5f}}})[0]);
    }
    config.disturbed_share = 0;
    const Batch plain = MakeBatch(states, config, plain_rng);
    config.disturbed_share = share;
    const Batch batch = MakeBatch(states, config, rng);
    EXPECT_TRUE(batch.target_BA.equal(plain.target_BA));
    EXPECT_TRUE(batch.grid_BAK2.equal(plain.grid_BAK2));
    return (batch.image_BCHW != plain.image_BCHW).flatten(1).any(1).sum().item<int>();
  };
  EXPECT_EQ(num_changed(0), 0);
  EXPECT_NEAR(num_changed(0.5), 97, 25);  // 31 of 32 disturbed pictures differ
  EXPECT_GE(num_changed(1), 180);
}

}  // namespace
}  // namespace qt::train
