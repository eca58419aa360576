// SPDX-License-Identifier: Apache-2.0
// Fuzzes the robot protocol: what a driver may say, decoded alone and in the middle of an episode,
// and what a client may say to a driver of ours. What is accepted must survive both framings.
#include <unistd.h>

#include <memory>
#include <string>
#include <variant>

#include "base/check.h"
#include "fuzz_frames.h"
#include "fuzz_input.h"
#include "robot/remote_robot.h"
#include "robot/robot_driver.h"
#include "support/memory_stream.h"

namespace qt::robot {
namespace {

using fuzz::kFramings;
using fuzz::Reframe;
using protocol::Framing;

void CheckMessage(const protocol::Frame& frame) {
  if (const auto message = protocol::DecodeDriverMessage(frame); message.ok()) {
    for (Framing framing : kFramings) {
      const Bytes encoded = protocol::Encode(framing, *message);
      const auto again = protocol::DecodeDriverMessage(Reframe(encoded));
      QT_ASSERT(again.ok() && protocol::Encode(framing, *again) == encoded);
    }
  }
  if (const auto request = protocol::DecodeRobotRequest(frame); request.ok()) {
    const Bytes encoded = protocol::Encode(Framing::kNdjson, *request);
    const auto again = protocol::DecodeRobotRequest(Reframe(encoded));
    QT_ASSERT(again.ok() && protocol::Encode(Framing::kNdjson, *again) == encoded);
  }
}

// An episode with a driver that says this, whatever it is asked. What comes of it is within bounds.
void CheckEpisode(const Bytes& input) {
  const fuzz::InputFile file(input);
  RemoteRobotConfig config;
  config.command = "exec cat /proc/" + std::to_string(::getpid()) + file.path().substr(10);
  config.timeout_s = 5;
  config.max_restarts = 0;
  RemoteRobot robot(config, {0, [] { return false; }});
  if (!robot.NewBin(1).ok() || !robot.StartEpisode(2).ok()) return;
  for (const Action& action : {Action::Move(0.1, -0.1, -0.05, 0.3), Action::Close()}) {
    const Result<Observation> observation = robot.Observe();
    if (!observation.ok()) return;
    const EncodedImage& image = observation->image;
    QT_ASSERT(image.width_px > 0 && image.height_px > 0 && !image.bytes.empty());
    if (!robot.Act(robot.Clip(action)).ok()) return;
  }
  const Result<DropTest> test = robot.Finish();
  QT_ASSERT(!test.ok() || test->evidence.size() <= 4);
}

// A robot that is where it is told to be.
class StillRobot : public Robot {
 public:
  Status NewBin(uint64_t) override { return Ok(); }
  void SetClock(int64_t start_stamp_ns) override { stamp_ns_ = start_stamp_ns; }
  Status StartEpisode(uint64_t) override { return Ok(); }
  Result<Observation> Observe() override {
    Observation observation;
    observation.image = {ImageEncoding::kRgb8, 1, 1, Bytes(3)};
    return observation;
  }
  Status Act(const Action&) override { return Ok(); }
  GripperState gripper() const override { return {}; }
  Result<DropTest> Finish() override { return DropTest(); }
  Fault fault() const override { return Fault::kNone; }
  int64_t stamp_ns() const override { return stamp_ns_; }
  std::string env() const override { return "still"; }
  std::string env_config() const override { return "{}"; }

 private:
  int64_t stamp_ns_ = 0;
};

// Everything that a driver of ours says can be read.
void CheckDriver(const Bytes& input) {
  MemorySource in(input);
  MemorySink out;
  const DrivenRobotFactory new_robot =
      [](const protocol::RobotClientHello&) -> Result<std::unique_ptr<Robot>> {
    return std::unique_ptr<Robot>(std::make_unique<StillRobot>());
  };
  const Status status = DriveRobot("fuzz 1", new_robot, in, out);
  QT_ASSERT(status.ok() || !status.message().empty());
  fuzz::ForEachAnswer(out.contents(), [](const protocol::Frame& frame) {
    QT_ASSERT(protocol::DecodeDriverMessage(frame).ok());
  });
}

}  // namespace
}  // namespace qt::robot

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const qt::Bytes input(data, data + size);
  qt::fuzz::ForEachFrame(input, qt::robot::CheckMessage);
  qt::robot::CheckDriver(input);
  qt::robot::CheckEpisode(input);
  return 0;
}
