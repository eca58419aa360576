#include "robot.h"

#include <memory>
#include <utility>

#include "robot/remote_robot.h"
#include "robot/robot_driver.h"
#include "sim/sim_robot.h"

namespace qt::collect {
namespace {

robot::RemoteRobotConfig RemoteConfigOf(const Options& options, const std::string& client) {
  robot::RemoteRobotConfig config;
  config.command = DriverCommand(options);
  config.client = client;
  config.task = options.scene.task;
  config.drop_test = options.scene.drop_test;
  config.gripper_view = options.scene.gripper_view;
  config.timeout_s = options.robot_timeout_s;
  config.backoff_s = options.robot_backoff_s;
  config.max_restarts = options.robot_retries;
  return config;
}

}  // namespace

robot::RobotFactory RobotsOf(const Options& options, const std::string& client) {
  if (DriverCommand(options).empty()) return sim::SimRobotFactory(options.scene);
  return [config = RemoteConfigOf(options, client)](
             const robot::RobotContext& context) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<robot::RemoteRobot>(config, context));
  };
}

Status ServeRobot(const Options& options, cli::Io& io) {
  if (io.json()) return Usage("--json and --serve-robot both want stdout");
  const auto new_robot =
      [&options](const protocol::RobotClientHello& hello) -> Result<std::unique_ptr<robot::Robot>> {
    sim::SceneConfig config = options.scene;
    config.task = hello.task;
    config.drop_test = hello.drop_test;
    config.gripper_view = hello.gripper_view;
    return sim::SimRobotFactory(config)({});
  };
  const std::unique_ptr<ByteSource> in = StdinSource();
  const std::unique_ptr<ByteSink> out = StdoutSink();
  Status status = robot::DriveRobot(io.tool_version(), new_robot, *in, *out);
  // Asked to stop, and stopped: the simulated robot stands still by itself.
  return status.code() == Code::kInterrupted ? Ok() : status;
}

}  // namespace qt::collect
