#include "train/train_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

TargetedState StateOf(const replay::EpisodePtr& episode, int64_t target_step) {
  TargetedState state;
  state.sample.episode = episode;
  state.target_step = target_step;
  return state;
}

std::vector<int64_t> TargetSteps(const TrainBuffer& buffer) {
  std::vector<int64_t> steps;
  for (const TargetedState& state : buffer.OldestFirst()) steps.push_back(state.target_step);
  return steps;
}

TEST(TrainBufferTest, IsARingThatForgetsEvictedEpisodes) {
  const auto kept = *replay::MakeReplayEpisode(TwoSteps(0), "", TaskConfig());
  const auto lost = *replay::MakeReplayEpisode(TwoSteps(1), "", TaskConfig());
  TrainBuffer buffer(4);
  for (int i = 0; i < 6; ++i) buffer.Push(StateOf(i % 2 == 0 ? kept : lost, i));
  EXPECT_THAT(TargetSteps(buffer), ::testing::ElementsAre(2, 3, 4, 5));
  lost->evicted = true;
  EXPECT_EQ(buffer.DropEvicted(), 2u);
  EXPECT_THAT(TargetSteps(buffer), ::testing::ElementsAre(2, 4));
  for (int i = 6; i < 9; ++i) buffer.Push(StateOf(kept, i));
  EXPECT_THAT(TargetSteps(buffer), ::testing::ElementsAre(4, 6, 7, 8));
  EXPECT_EQ(buffer.num_pushed(), 9u);
}

}  // namespace
}  // namespace qt::train
