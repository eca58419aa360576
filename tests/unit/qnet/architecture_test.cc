// SPDX-License-Identifier: Apache-2.0
#include "qnet/architecture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "qnet/network_config.h"
#include "support/sample_observation.h"

namespace qt::qnet {
namespace {

struct Asked {
  std::vector<float> grid, scalars;
};

Asked Ask(const std::string& architecture, const View& view = {},
          StateInput state_input = StateInput::kFull) {
  NetworkConfig config;
  config.architecture = *ArchitectureName::Parse(architecture);
  config.state_input = state_input;
  const QueryShape shape = config.architecture->query;
  Asked query{std::vector<float>(size_t(2 * shape.num_points), 9),
              std::vector<float>(size_t(shape.num_scalars), 9)};
  config.architecture->write_query(test::SampleObservation(50), Action::Move(0.05, 0, -0.08, 0.4),
                                   TaskConfig(), config, view, query.grid.data(),
                                   query.scalars.data());
  return query;
}

TEST(Architecture, EveryNumberIsWritten) {
  for (const std::string& name : ArchitectureName::Choices()) {
    const Asked query = Ask(name);
    EXPECT_EQ(std::count(query.grid.begin(), query.grid.end(), 9.0f), 0) << name;
    EXPECT_EQ(std::count(query.scalars.begin(), query.scalars.end(), 9.0f), 0) << name;
  }
}

TEST(Architecture, AShiftOfTheImageMovesThePointsAlong) {
  const Asked middle = Ask("aligned"), moved = Ask("aligned", {{}, 4, 8});
  for (size_t i = 0; i < middle.grid.size(); i += 2) {
    EXPECT_NEAR(moved.grid[i] - middle.grid[i], 2.0 / 16, 1e-5);          // a cell of 16
    EXPECT_NEAR(moved.grid[i + 1] - middle.grid[i + 1], 4.0 / 16, 1e-5);  // two of them
  }
  EXPECT_EQ(moved.scalars, middle.scalars);
}

TEST(Architecture, MirroringTurnsTheMotionAround) {
  for (const char* name : {"add", "grasping44"}) {
    const Asked straight = Ask(name), mirrored = Ask(name, {{.mirror = true}});
    EXPECT_NE(straight.scalars, mirrored.scalars) << name;
  }
  EXPECT_EQ(Ask("grasping44", {{.mirror = true}}).scalars[0], -Ask("grasping44").scalars[0]);
}

TEST(Architecture, WithTheImageAloneTheGrippersStateIsNotTold) {
  const Asked query = Ask("grasping44", {}, StateInput::kImage);
  EXPECT_EQ(query.scalars[8], 0);
  EXPECT_EQ(query.scalars[9], 0);
}

TEST(Architecture, InUseTheNetworkSeesTheMiddle) {
  NetworkConfig config;
  EXPECT_EQ(CentreView(config).shift_u_px, 0);
  config.frame_width_px = 74;
  config.frame_height_px = 64;
  EXPECT_EQ(CentreView(config).shift_u_px, -5);
  EXPECT_EQ(CentreView(config).shift_v_px, 0);
}

}  // namespace
}  // namespace qt::qnet
