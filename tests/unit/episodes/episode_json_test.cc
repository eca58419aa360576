// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_json.h"

#include <gtest/gtest.h>

#include <chrono>

#include "json/json.h"
#include "support/sample_episode.h"

namespace qt::episodes {
namespace {

Json ConfigIn(const std::string& text) {
  Episode episode = SampleEpisode(0, 1);
  episode.env_config = text;
  return EpisodeToJson(episode)["env_config"];
}

TEST(EpisodeJsonTest, SettingsAreEmbeddedIfTheyAreJson) {
  EXPECT_EQ(ConfigIn("{\"a\":[1]}").dump(), "{\"a\":[1]}");
  EXPECT_EQ(ConfigIn("{\"a\":").dump(), "\"{\\\"a\\\":\"");
  EXPECT_EQ(ConfigIn("").dump(), "\"\"");
}

// A file may come from anybody, and printing recurses.
TEST(EpisodeJsonTest, DeeplyNestedSettingsStayText) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(ConfigIn(nested(60)).is_array());
  for (size_t depth : {100, 1'000'000}) {
    EXPECT_EQ(ConfigIn(nested(depth)), Json(nested(depth))) << depth;
  }
  EXPECT_TRUE(ConfigIn(std::string(1'000'000, '[')).is_string());
}

TEST(EpisodeJsonTest, ManyKeysCostLinearTime) {
  std::string text = "{\"0\":0";
  for (int i = 1; i < 100'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(ConfigIn(text + "}").size(), 100'000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

}  // namespace
}  // namespace qt::episodes
