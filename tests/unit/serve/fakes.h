// SPDX-License-Identifier: Apache-2.0
// A closed-form Q-function, and requests for it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "protocol/wire.h"
#include "qnet/q_function.h"
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
  Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView& image,
                                                    const ObservedState& observed) const override {
    const uint8_t shade = image.rgb_HWC[0];
    if (shade == 12) return Corrupt("the image is broken");
    if (shade == 13) throw std::runtime_error("thirteen");
    auto state = std::make_unique<State>();
    state->gripper = observed.gripper;
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

inline protocol::ServerHello SampleHello() {
  protocol::ServerHello hello;
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

inline ServedModel BowlModel(protocol::ServerHello hello = SampleHello()) {
  return {std::move(hello), BowlFactory()};
}

// Policies that wait until the gate opens; the answer's dx is `dx_m`.
class Gate {
 public:
  void Set(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    ++num_waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --num_waiting_;
  }
  void AwaitWaiting(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, n] { return num_waiting_ >= n; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int num_waiting_ = 0;
};

class GatedPolicy : public Policy {
 public:
  GatedPolicy(Gate& gate, float dx_m, std::string digest)
      : gate_(gate), dx_m_(dx_m), digest_(std::move(digest)) {}
  void StartEpisode(uint64_t) override {}
  Result<Decision> Act(const Observation&) override {
    gate_.Pass();
    Decision decision;
    decision.action = Action::Move(dx_m_, 0, 0, 0);
    return decision;
  }
  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  Gate& gate_;
  float dx_m_;
  std::string name_ = "gated", digest_;
};

inline ServedModel GatedModel(Gate& gate, float dx_m = 0.01f, const std::string& digest = "d1",
                              uint64_t step = 1) {
  protocol::ServerHello hello = SampleHello();
  hello.digest = digest;
  hello.model_step = step;
  return {hello, [&gate, dx_m, digest]() -> Result<std::unique_ptr<Policy>> {
            return std::unique_ptr<Policy>(std::make_unique<GatedPolicy>(gate, dx_m, digest));
          }};
}

// Collects outcomes by the request's id.
class Outcomes {
 public:
  PolicyPool::Done Taker() {
    return [this](const Outcome& outcome) {
      const std::lock_guard lock(mutex_);
      const auto* error = std::get_if<protocol::WireError>(&outcome);
      const uint64_t id = error ? error->id.value() : std::get<protocol::ActAnswer>(outcome).id;
      codes_[id] = error ? ToString(error->code) : "ok";
      if (!error) answers_[id] = std::get<protocol::ActAnswer>(outcome);
      changed_.notify_all();
    };
  }
  // Waits for it.
  std::string CodeOf(uint64_t id) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, id] { return codes_.contains(id); });
    return codes_[id];
  }
  protocol::ActAnswer AnswerOf(uint64_t id) {
    EXPECT_EQ(CodeOf(id), "ok");
    const std::lock_guard lock(mutex_);
    return answers_[id];
  }
  bool Has(uint64_t id) {
    const std::lock_guard lock(mutex_);
    return codes_.contains(id);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, std::string> codes_;
  std::map<uint64_t, protocol::ActAnswer> answers_;
};

inline protocol::ActRequest BowlRequest(uint64_t id, uint8_t shade = 100) {
  protocol::ActRequest request;
  request.id = id;
  request.session = id % 3;
  request.seed = id / 3;
  request.observation.image = SampleRaw(shade);
  request.observation.step = static_cast<uint32_t>(id % 5);
  request.observation.gripper.x_m = 0.001f * static_cast<float>(id);
  return request;
}

}  // namespace qt::serve
