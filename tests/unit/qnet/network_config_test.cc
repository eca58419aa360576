// SPDX-License-Identifier: Apache-2.0
#include "qnet/network_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/json.h"

namespace qt::qnet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

NetworkConfig WithArchitecture(const std::string& architecture) {
  NetworkConfig config;
  config.architecture = *ArchitectureName::Parse(architecture);
  return config;
}

TEST(ArchitectureTest, AreKnownByTheirNames) {
  EXPECT_THAT(ArchitectureName::Choices(), ElementsAre("aligned", "add", "mlp", "grasping44"));
  for (const std::string& name : ArchitectureName::Choices()) {
    EXPECT_EQ(ArchitectureName::Parse(name)->ToString(), name);
  }
  EXPECT_THAT(ArchitectureName::Parse("resnet").status().message(),
              HasSubstr("is one of aligned, add, mlp, grasping44 in this version, not 'resnet'"));
}

TEST(ArchitectureTest, OnlyANetworkThatReadsPointsNeedsACamera) {
  EXPECT_TRUE(WithArchitecture("aligned").architecture->needs_camera());
  for (const char* name : {"add", "mlp", "grasping44"}) {
    EXPECT_FALSE(WithArchitecture(name).architecture->needs_camera()) << name;
  }
}

TEST(NetworkConfigTest, RoundTripsThroughJson) {
  for (const std::string& name : ArchitectureName::Choices()) {
    NetworkConfig config = WithArchitecture(name);
    config.image_width_px = 220;
    config.image_height_px = 300;
    config.frame_width_px = 512;
    config.frame_height_px = 400;
    config.state_input = StateInput::kPaper;
    config.tower_channels = 8;
    const auto copy = NetworkFromJson(ToJson(config));
    ASSERT_TRUE(copy.ok()) << copy.status().ToString();
    EXPECT_EQ(ToJson(*copy), ToJson(config));
  }
}

TEST(NetworkConfigTest, ReadsTheMergeOfOlderFiles) {
  const auto read = [](const char* architecture, const char* merge) {
    return NetworkFromJson({{"architecture", architecture},
                            {"merge", merge},
                            {"image_width_px", 218},
                            {"image_height_px", 218}})
        ->architecture.ToString();
  };
  EXPECT_EQ(read("aligned", "aligned"), "aligned");
  EXPECT_EQ(read("aligned", "add"), "add");
  EXPECT_EQ(read("aligned", "mlp"), "mlp");
  EXPECT_EQ(read("grasping44", "aligned"), "grasping44");
}

TEST(NetworkConfigTest, RefusesWhatCannotBeBuilt) {
  const auto error = [](const Json& json) { return NetworkFromJson(json).status().message(); };
  EXPECT_THAT(error({{"architecture", "resnet"}}),
              HasSubstr("the network's 'architecture' is one of aligned, add"));
  EXPECT_THAT(error({{"architecture", "aligned"}, {"image_width_px", 8}}),
              HasSubstr("the network's 'image_width_px' must be from 16 to 1024, not 8"));
  EXPECT_THAT(error({{"architecture", "grasping44"}}),
              HasSubstr("grasping44 needs an image of at least 218"));
  EXPECT_THAT(error({{"architecture", "aligned"}, {"state_input", "all"}}),
              HasSubstr("state_input"));
  EXPECT_FALSE(NetworkFromJson({{"architecture", 3}}).ok());
  EXPECT_FALSE(NetworkFromJson(Json::array()).ok());
}

}  // namespace
}  // namespace qt::qnet
