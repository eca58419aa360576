// SPDX-License-Identifier: Apache-2.0
// A robot behind a driver process (formats/robot/SPEC.md): checks every action before it is sent
// and everything that comes back, and starts the driver anew, with back-off, when it fails. Every
// object has a driver process of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/setting.h"
#include "mdp/robot_limits.h"
#include "robot/driver_link.h"
#include "robot/robot.h"

namespace qt::robot {

// Which robot, as settings name it: "sim", or "exec:COMMAND" for a driver.
struct RobotSpec {
  std::string command{};  // of the driver; empty: the simulator

  static Result<RobotSpec> Parse(std::string_view text);
  std::string ToString() const;
};

struct RemoteRobotConfig {
  std::string command;  // run by sh
  std::string client;   // "qt-collect 0.1.0"; the driver may log it
  TaskConfig task;
  std::string objects_name;  // kept in env_config as its `objects`; empty: as the driver says
  bool drop_test = true;     // ask for the pictures of the drop test
  bool gripper_view = true;  // and with them for those of the gripper's camera
  double timeout_s = 30;     // see LinkOptions
  double backoff_s = 1;      // pause before the first restart; doubles up to kMaxBackoff_s
  int max_restarts = 5;      // in a row, without an episode completed in between
};

template <class V>
void Visit(V&& visit, RemoteRobotConfig& c) {
  visit("objects_name", c.objects_name,
        {"NAME", "what to call the set of objects in the robot's bin; kept in the episodes"});
  visit("robot_timeout", c.timeout_s,
        {.metavar = "SECONDS",
         .help = "silence after which a driver counts as hung",
         .min = 0.01,
         .max = 86400,
         .incidental = true});
  visit("robot_retries", c.max_restarts,
        {.metavar = "N",
         .help = "restarts of a failed driver in a row, without a completed episode in between",
         .max = 1000,
         .incidental = true});
  visit("robot_backoff", c.backoff_s,
        {.metavar = "SECONDS",
         .help = "pause before the first restart; doubles with each, up to 60 s",
         .max = 60,
         .incidental = true});
}

inline constexpr double kMaxBackoff_s = 60;

class RemoteRobot : public Robot {
 public:
  RemoteRobot(RemoteRobotConfig config, const RobotContext& context);
  ~RemoteRobot() override;

  // Starts the driver if it is not running. With fault() == kNone an error is final: the driver has
  // never said hello, or it has failed too often.
  Status NewBin(uint64_t seed) override;
  Fault fault() const override { return fault_; }
  void SetClock(int64_t start_stamp_ns) override { start_stamp_ns_ = start_stamp_ns; }

  Status StartEpisode(uint64_t seed) override;
  Result<Observation> Observe() override;
  Action Clip(const Action& action) const override;
  Status Act(const Action& action) override;
  std::optional<Action> intervention() const override { return intervention_; }
  GripperState gripper() const override { return gripper_; }
  Result<DropTest> Finish() override;
  int64_t stamp_ns() const override { return stamp_ns_; }
  std::string env() const override { return env_; }
  std::string env_config() const override { return env_config_; }
  std::string driver() const override { return driver_; }

 private:
  Status EnsureRunning();
  Status Start();
  Status Pause(double seconds) const;
  Status Note(Status status);
  Result<protocol::DriverMessage> Ask(const protocol::RobotRequest& request,
                                      const std::string& what, uint64_t id);
  template <typename Answer>
  Result<Answer> AskFor(const protocol::RobotRequest& request, const std::string& what,
                        uint64_t id);
  Result<protocol::DriverMessage> Next(uint64_t id);
  Status Move(const protocol::RobotRequest& request, const std::string& what, uint64_t id);
  struct Size {
    int width_px = 0, height_px = 0;  // 0: no picture yet
  };
  Status CheckPicture(const EncodedImage& image, int64_t stamp_ns, Size& size);
  Status TakeConfig(const protocol::DriverDone& done);
  void SetConfig(const std::string& env_config);
  Result<Observation> TakeObservation(protocol::DriverObservation&& message);
  Result<DropTest> TakeDropTest(uint64_t id);

  RemoteRobotConfig config_;
  RobotContext context_;
  std::unique_ptr<DriverLink> link_;
  bool has_said_hello_ = false;
  int failures_ = 0;  // since an episode was last completed
  Status last_failure_;
  Fault fault_ = Fault::kNone;
  std::string driver_, env_, env_config_;
  CameraModel camera_;        // the last one that came
  Size size_, gripper_size_;  // of the episode's pictures, and of those by the gripper's camera
  GripperState gripper_;
  std::optional<Action> intervention_;
  int64_t start_stamp_ns_ = 0, stamp_ns_ = -1;
};

}  // namespace qt::robot
