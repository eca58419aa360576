// A closed-form Q-function, and requests for it.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "qnet/q_function.h"
#include "record/wire.h"
#include "serve/connection.h"
#include "support/memory_stream.h"
#include "support/sample_episode.h"

namespace qt::serve {

// Best where the gripper would move to (0.03, -0.02); fails on a broken image as a decoder does,
// and throws on a shade of 13 as a library may.
class BowlQ : public QFunction {
 public:
  struct State : EmbeddedState {
    GripperState gripper;
  };
  Result<std::unique_ptr<EmbeddedState>> Embed(const Observation& observation) const override {
    const uint8_t shade = observation.image.bytes.at(0);
    if (shade == 12) return Corrupt("the image is broken");
    if (shade == 13) throw std::runtime_error("thirteen");
    auto state = std::make_unique<State>();
    state->gripper = observation.gripper;
    return std::unique_ptr<EmbeddedState>(std::move(state));
  }
  void Score(const EmbeddedState& embedded, std::span<const Action> actions,
             std::span<float> q) const override {
    const auto& state = static_cast<const State&>(embedded);
    for (size_t i = 0; i < actions.size(); ++i) {
      const float x = state.gripper.x_m + actions[i].dx_m - 0.03f;
      const float y = state.gripper.y_m + actions[i].dy_m + 0.02f;
      q[i] = actions[i].Kind() == ActionKind::kMove ? std::exp(-100 * (x * x + y * y)) : 0.0f;
    }
  }
};

inline record::ServerHello SampleHello() {
  record::ServerHello hello;
  hello.server = "test";
  hello.model_name = "bowl";
  hello.digest = "d1";
  hello.image_width_px = 4;
  hello.image_height_px = 2;
  return hello;
}

inline PolicyFactory BowlFactory() {
  return GreedyFactory(std::make_shared<BowlQ>(), CemConfig(), TaskConfig(), "model:bowl", "d1");
}

inline record::ActRequest BowlRequest(uint64_t id, uint8_t shade = 100) {
  record::ActRequest request;
  request.id = id;
  request.session = id % 3;
  request.seed = id / 3;
  request.observation.image = SampleRaw(shade);
  request.observation.step = static_cast<uint32_t>(id % 5);
  request.observation.gripper.x_m = 0.001f * static_cast<float>(id);
  return request;
}

}  // namespace qt::serve
