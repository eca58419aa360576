// SPDX-License-Identifier: Apache-2.0
#include "train/load_episodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "episodes/episode_writer.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

using replay::Origin;

void WriteFile(const std::string& path, std::vector<Episode> episodes) {
  auto sink = CreateFile(path, Overwrite::kNo);
  ASSERT_TRUE(sink.ok()) << sink.status().ToString();
  episodes::Lineage lineage;
  lineage.tool = "test " + path;
  episodes::EpisodeWriter writer(std::move(*sink), lineage);
  for (Episode& episode : episodes) {
    for (size_t t = 0; t < episode.steps.size(); ++t) episode.steps[t].stamp_ns = int64_t(t) + 1;
    ASSERT_TRUE(writer.Write(episode).ok());
  }
  ASSERT_TRUE(writer.Finish().ok());
}

Episode OtherSize(int index) {
  Episode episode = TwoSteps(index);
  episode.id = "large-" + std::to_string(index);
  for (Step& step : episode.steps) {
    step.observation.image = EncodeRaw({32, 32, std::vector<uint8_t>(3 * 32 * 32, 9)});
  }
  return episode;
}

class EpisodeLoaderTest : public ::testing::Test {
 protected:
  EpisodeLoaderTest() : spool_(dir_.path() + "/spool") {
    std::filesystem::create_directory(spool_);
  }

  std::unique_ptr<EpisodeLoader> NewLoader(bool follow, std::set<std::string> own_policies = {}) {
    return std::make_unique<EpisodeLoader>(LoadOptions{{spool_}, follow, std::move(own_policies)},
                                           SmallConfig(), replay_, stop_);
  }
  Status LoadStored(EpisodeLoader& loader) {
    return loader.LoadStored([](uint64_t) {});
  }
  // Waits until so many episodes are online.
  bool AwaitOnline(size_t count) {
    for (int i = 0; i < 1000; ++i) {
      if (replay_.counts(Origin::kOnline).episodes >= count) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  TempDir dir_;
  const std::string spool_;
  std::atomic<bool> stop_{false};
  replay::ReplayBuffer replay_{1 << 28};
};

TEST_F(EpisodeLoaderTest, SaysThatNothingWasExplored) {
  const auto warning_of = [&](const std::string& name, size_t count, float exploration,
                              const std::string& policy) {
    std::vector<Episode> episodes;
    for (size_t i = 0; i < count; ++i) {
      episodes.push_back(TwoSteps(int(i)));
      episodes.back().exploration = i == 0 ? exploration : 0;
      episodes.back().policy = policy;
    }
    std::filesystem::remove_all(spool_);
    std::filesystem::create_directory(spool_);
    WriteFile(spool_ + "/" + name, episodes);
    replay::ReplayBuffer replay(1 << 28);
    EpisodeLoader loader({{spool_}, false, {}}, SmallConfig(), replay, stop_);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(LoadStored(loader).ok());
    EXPECT_EQ(replay.size(), count);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(warning_of("plain.mcap", 200, 0, "scripted"),
              testing::HasSubstr("in none of the 200 episodes were actions random"));
  EXPECT_EQ(warning_of("few.mcap", 199, 0, "scripted"), "");
  EXPECT_EQ(warning_of("explored.mcap", 200, 0.2F, "scripted"), "");
  EXPECT_EQ(warning_of("random.mcap", 200, 0, "random"), "");
}

TEST_F(EpisodeLoaderTest, ReadsAnEpisodeOnceHoweverManyFilesItIsIn) {
  WriteFile(spool_ + "/a.mcap", {TwoSteps(0), TwoSteps(1)});
  WriteFile(spool_ + "/b.mcap", {TwoSteps(1), TwoSteps(2)});
  const auto loader = NewLoader(false);
  ASSERT_TRUE(LoadStored(*loader).ok());
  EXPECT_EQ(replay_.size(), 3u);
  EXPECT_EQ(loader->summary().repeated, 1u);
  EXPECT_EQ(loader->summary().width_px, kSize_px);
  EXPECT_EQ(loader->summary().lineage.at("programs").size(), 2u);
}

TEST_F(EpisodeLoaderTest, WhatIsThereIsOfflineAndWhatComesIsOnline) {
  WriteFile(spool_ + "/a.mcap", {TwoSteps(0)});
  const auto loader = NewLoader(true);
  ASSERT_TRUE(LoadStored(*loader).ok());
  loader->Follow();
  EXPECT_EQ(replay_.counts(Origin::kOffline).episodes, 1u);
  WriteFile(spool_ + "/b.mcap", {TwoSteps(1), TwoSteps(2)});
  ASSERT_TRUE(AwaitOnline(2));
  EXPECT_EQ(replay_.counts(Origin::kOffline).episodes, 1u);
  EXPECT_TRUE(loader->status().ok());
  EXPECT_EQ(loader->summary().lineage.at("programs").size(), 2u);
}

TEST_F(EpisodeLoaderTest, FollowsSeveralFoldersAfterTheFilesThatEnd) {
  const std::string other = dir_.path() + "/other", file = dir_.path() + "/z.mcap";
  std::filesystem::create_directory(other);
  WriteFile(spool_ + "/a.mcap", {TwoSteps(0)});
  WriteFile(other + "/a.mcap", {TwoSteps(0), TwoSteps(1)});
  WriteFile(file, {TwoSteps(1), TwoSteps(2)});
  const auto loader = std::make_unique<EpisodeLoader>(LoadOptions{{spool_, file, other}, true, {}},
                                                      SmallConfig(), replay_, stop_);
  ASSERT_TRUE(LoadStored(*loader).ok());
  EXPECT_EQ(replay_.counts(Origin::kOffline).episodes, 3u);
  EXPECT_EQ(loader->summary().repeated, 2u);
  loader->Follow();
  WriteFile(other + "/b.mcap", {TwoSteps(3)});
  WriteFile(spool_ + "/b.mcap", {TwoSteps(4)});
  ASSERT_TRUE(AwaitOnline(2));
  EXPECT_TRUE(loader->status().ok());
}

TEST_F(EpisodeLoaderTest, WhatOwnPoliciesCollectedIsOnlineFromTheStart) {
  Episode own = TwoSteps(0);
  own.policy_digest = "d1";
  WriteFile(spool_ + "/a.mcap", {own, TwoSteps(1)});
  ASSERT_TRUE(LoadStored(*NewLoader(true, {"d1", "d2"})).ok());
  EXPECT_EQ(replay_.counts(Origin::kOnline).episodes, 1u);
  EXPECT_EQ(replay_.counts(Origin::kOffline).episodes, 1u);
}

TEST_F(EpisodeLoaderTest, WaitsForTheFirstEpisodeAndLeavesOutWhatDoesNotFit) {
  const auto loader = NewLoader(true);
  ASSERT_TRUE(LoadStored(*loader).ok());
  loader->Follow();
  std::thread writer([&] {
    WriteFile(spool_ + "/a.mcap", {TwoSteps(0)});
    WriteFile(spool_ + "/b.mcap", {OtherSize(1)});
    EXPECT_TRUE(WriteWholeFile(spool_ + "/c.mcap", "no episodes", Overwrite::kNo).ok());
    WriteFile(spool_ + "/d.mcap", {TwoSteps(2)});
  });
  loader->AwaitEpisode();
  EXPECT_GE(replay_.size(), 1u);
  writer.join();
  ASSERT_TRUE(AwaitOnline(2));
  EXPECT_EQ(loader->summary().damaged, 2u);
  EXPECT_TRUE(loader->status().ok());
}

TEST_F(EpisodeLoaderTest, BeforeTheStartImagesOfAnotherSizeAreAnError) {
  WriteFile(spool_ + "/a.mcap", {TwoSteps(0), OtherSize(1)});
  EXPECT_FALSE(LoadStored(*NewLoader(false)).ok());
}

TEST_F(EpisodeLoaderTest, AFollowedFolderThatGoesAwayIsAnError) {
  const auto loader = NewLoader(true);
  ASSERT_TRUE(LoadStored(*loader).ok());
  loader->Follow();
  std::filesystem::remove_all(spool_);
  loader->AwaitEpisode();
  EXPECT_EQ(loader->status().code(), Code::kNotFound);
}

TEST_F(EpisodeLoaderTest, AStopEndsTheWaiting) {
  const auto loader = NewLoader(true);
  ASSERT_TRUE(LoadStored(*loader).ok());
  loader->Follow();
  stop_ = true;
  loader->AwaitEpisode();
  EXPECT_EQ(replay_.size(), 0u);
}

}  // namespace
}  // namespace qt::train
