// SPDX-License-Identifier: Apache-2.0
#include "protocol/robot_wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "support/memory_stream.h"
#include "support/sample_episode.h"

namespace qt::protocol {
namespace {

template <typename Message, typename Variant>
Message RoundTrip(Framing framing, const Variant& message) {
  MemorySource source(Encode(framing, message));
  FrameReader reader(&source);
  Result<std::optional<Frame>> frame = reader.Next();
  EXPECT_TRUE(frame.ok() && frame->has_value());
  if constexpr (std::is_same_v<Variant, RobotRequest>) {
    const Result<RobotRequest> decoded = DecodeRobotRequest(**frame);
    EXPECT_TRUE(decoded.ok()) << decoded.status().ToString();
    return std::get<Message>(*decoded);
  } else {
    Result<DriverMessage> decoded = DecodeDriverMessage(std::move(**frame));
    EXPECT_TRUE(decoded.ok()) << decoded.status().ToString();
    return std::get<Message>(*decoded);
  }
}

template <typename Message>
Message Sent(const Message& message) {
  return RoundTrip<Message>(Framing::kNdjson, RobotRequest(message));
}

template <typename Message>
Message Said(const Message& message, Framing framing = Framing::kBinary) {
  return RoundTrip<Message>(framing, DriverMessage(message));
}

TEST(RobotWire, RequestsComeBackAsTheyWere) {
  RobotClientHello hello;
  hello.environment = 3;
  hello.drop_test = false;
  hello.task.max_steps = 7;
  hello.task.termination = Termination::kLearned;
  const RobotClientHello read = Sent(hello);
  EXPECT_EQ(read.environment, 3);
  EXPECT_FALSE(read.drop_test);
  EXPECT_FALSE(read.gripper_view);
  hello.gripper_view = true;
  EXPECT_TRUE(Sent(hello).gripper_view);
  EXPECT_EQ(read.task.max_steps, 7);
  EXPECT_EQ(read.task.termination, Termination::kLearned);
  EXPECT_EQ(Sent(NewBinRequest{4, UINT64_MAX}).seed, UINT64_MAX);
  EXPECT_EQ(Sent(ResetRequest{4, 5, INT64_MAX}).stamp_ns, INT64_MAX);
  EXPECT_EQ(Sent(ObserveRequest{9}).id, 9u);
  EXPECT_EQ(Sent(DropTestRequest{10}).id, 10u);
  Sent(StopRequest());
}

TEST(RobotWire, AnActionKeepsEveryBit) {
  CommandRequest request{3, Action::Move(0.1 / 3, -0.07, 1e-9, 2.2), {}};
  EXPECT_EQ(Sent(request).action.ToArray(), request.action.ToArray());
  EXPECT_FALSE(Sent(request).motion.has_value());
  request.motion = GuardedMotion{{0.1, 0.2, 0.3, 0.4}, 0.5};
  EXPECT_EQ(Sent(request).motion->target.yaw_rad, 0.4);
  EXPECT_EQ(Sent(request).motion->min_duration_s, 0.5);
}

TEST(RobotWire, ADriversHelloComesBack) {
  DriverHello hello;
  hello.driver = "cell7 1.2";
  hello.env = "mujoco/9";
  hello.env_config = R"({"light":{"lux":300}})";
  hello.new_bin = true;
  hello.limits.x_m = {-0.1, 0.2};
  hello.limits.max_turn_radps = 2;
  const DriverHello read = Said(hello);
  EXPECT_EQ(read.env, "mujoco/9");
  EXPECT_EQ(read.env_config, hello.env_config);
  EXPECT_TRUE(read.new_bin);
  EXPECT_FALSE(read.drop_test);
  EXPECT_FALSE(read.gripper_view);
  hello.gripper_view = true;
  EXPECT_TRUE(Said(hello).gripper_view);
  EXPECT_EQ(read.limits.x_m.high, 0.2);
  EXPECT_TRUE(std::isinf(read.limits.y_m.high));
  EXPECT_TRUE(std::isinf(read.limits.max_speed_mps));
  EXPECT_EQ(read.limits.max_turn_radps, 2);
}

TEST(RobotWire, PicturesComeBackInBothFramings) {
  for (const Framing framing : {Framing::kNdjson, Framing::kBinary}) {
    DriverObservation seen{1, 1'750'000'000'123'456'789, {}, true};
    seen.observation.image = SampleJpeg();
    seen.observation.camera = SampleCamera();
    seen.observation.gripper.x_m = 0.1f / 3;
    const DriverObservation read = Said(seen, framing);
    EXPECT_EQ(read.stamp_ns, seen.stamp_ns);
    EXPECT_EQ(read.observation.image.bytes, seen.observation.image.bytes);
    EXPECT_EQ(read.observation.gripper.x_m, seen.observation.gripper.x_m);
    EXPECT_EQ(read.observation.camera.X_WC.q.w, seen.observation.camera.X_WC.q.w);
    const DriverEvidence evidence{2, {"before_drop", 5, SampleJpeg()}};
    EXPECT_EQ(Said(evidence, framing).frame.image.bytes, evidence.frame.image.bytes);
    EXPECT_EQ(Said(evidence, framing).frame.name, "before_drop");
  }
}

TEST(RobotWire, DoneAndErrorComeBack) {
  DriverDone done{7, GripperState(), R"({"a":1})", true, R"({"held_size_m":0.03})"};
  EXPECT_TRUE(Said(done).gripper.has_value());
  EXPECT_EQ(*Said(done).env_config, R"({"a":1})");
  EXPECT_EQ(Said(done).truth, true);
  EXPECT_EQ(Said(done).truth_config, done.truth_config);
  EXPECT_FALSE(Said(done).intervention);
  done.intervention = true;
  EXPECT_TRUE(Said(done).intervention);
  EXPECT_FALSE(Said(DriverDone{8, {}, {}, {}, ""}).truth.has_value());
  EXPECT_EQ(Said(DriverError{{}, "discard", "x"}).code, "discard");
  Said(DriverHeartbeat());
}

// Changes a few bytes of a line, or repeats or drops some.
std::string Mutated(std::string text, RandomStream& rng) {
  for (uint64_t i = 0, n = 1 + rng.Below(3); i < n && !text.empty(); ++i) {
    const size_t at = rng.Below(text.size());
    const size_t length = std::min<size_t>(1 + rng.Below(6), text.size() - at);
    switch (rng.Below(4)) {
      case 0:
        text[at] = char(rng.Below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(rng.Below(text.size()), length));
        break;
      default:
        text[at] = "0123456789-.eE{}[],:\"ntfx"[rng.Below(26)];
    }
  }
  return text;
}

std::vector<std::string> LinesToMutate() {
  DriverHello hello;
  hello.driver = "cell7", hello.env_config = R"({"a":[1,null]})";
  hello.limits.x_m = {-0.1, 0.2}, hello.limits.max_speed_mps = 0.3;
  DriverObservation seen{1, 5, {}, true};
  seen.observation.image = {ImageEncoding::kRgb8, 2, 1, {1, 2, 3, 4, 5, 6}};
  seen.observation.camera = SampleCamera();
  const std::vector<DriverMessage> messages = {
      hello, seen, DriverDone{7, GripperState(), R"({"a":1})", true, R"({"held_size_m":0.03})"},
      DriverEvidence{2, {"before_drop", 5, seen.observation.image}},
      DriverError{3, "discard", "x"}};
  const std::vector<RobotRequest> requests = {
      RobotClientHello(), NewBinRequest{1, 2}, ResetRequest{4, 5, 6},
      CommandRequest{3, Action::Move(0.1, 0, 0, 1), GuardedMotion{{0.1, 0.2, 0.3, 0.4}, 0.5}}};
  std::vector<std::string> lines;
  const auto add = [&lines](const Bytes& line) {
    lines.emplace_back(line.begin(), line.end() - 1);
  };
  for (const DriverMessage& message : messages) add(Encode(Framing::kNdjson, message));
  for (const RobotRequest& request : requests) add(Encode(Framing::kNdjson, request));
  return lines;
}

// Nothing crashes, and what is taken is the same after it was encoded and decoded again.
TEST(RobotWire, MutatedMessagesAreRefusedOrTakenForWhatTheySay) {
  const std::vector<std::string> lines = LinesToMutate();
  RandomStream rng(8);
  int taken = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::string line = Mutated(lines[rng.Below(lines.size())], rng);
    if (const auto request = DecodeRobotRequest({line, {}}); request.ok()) {
      const Bytes once = Encode(Framing::kNdjson, *request);
      const auto again = DecodeRobotRequest({{once.begin(), once.end()}, {}});
      ASSERT_TRUE(again.ok() && Encode(Framing::kNdjson, *again) == once) << line;
      ++taken;
    }
    if (const auto message = DecodeDriverMessage({line, {}}); message.ok()) {
      const Bytes once = Encode(Framing::kNdjson, *message);
      const auto again = DecodeDriverMessage({{once.begin(), once.end()}, {}});
      ASSERT_TRUE(again.ok() && Encode(Framing::kNdjson, *again) == once) << line;
      ++taken;
    }
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace qt::protocol
