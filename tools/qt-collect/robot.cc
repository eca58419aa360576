#include "robot.h"

#include <memory>
#include <utility>

#include "rollout/remote_robot.h"
#include "rollout/robot_driver.h"
#include "rollout/sim_robot.h"

namespace qt::collect {
namespace {

rollout::RemoteRobotConfig RemoteConfigOf(const Options& options, const std::string& client) {
  rollout::RemoteRobotConfig config;
  config.command = DriverCommand(options);
  config.client = client;
  config.task = WorldOf(options).task;
  config.drop_test = options.drop_test;
  config.gripper_view = options.gripper_view;
  config.timeout_s = options.robot_timeout_s;
  config.backoff_s = options.robot_backoff_s;
  config.max_restarts = options.robot_retries;
  return config;
}

}  // namespace

rollout::RobotFactory RobotsOf(const Options& options, const std::string& client) {
  if (DriverCommand(options).empty()) return rollout::SimRobotFactory(WorldOf(options));
  return [config = RemoteConfigOf(options, client)](
             const rollout::RobotContext& context) -> Result<std::unique_ptr<rollout::BinRobot>> {
    return std::unique_ptr<rollout::BinRobot>(
        std::make_unique<rollout::RemoteRobot>(config, context));
  };
}

Status ServeRobot(const Options& options, cli::Io& io) {
  if (io.json()) return Usage("--json and --serve-robot both want stdout");
  const auto new_robot =
      [&options](
          const record::RobotClientHello& hello) -> Result<std::unique_ptr<rollout::BinRobot>> {
    sim::WorldConfig config = WorldOf(options);
    config.task = hello.task;
    config.drop_test = hello.drop_test;
    config.gripper_view = hello.gripper_view;
    QT_ASSIGN(std::unique_ptr<sim::World> world, sim::World::Create(config));
    return std::unique_ptr<rollout::BinRobot>(
        std::make_unique<rollout::SimRobot>(std::move(world)));
  };
  const std::unique_ptr<ByteSource> in = StdinSource();
  const std::unique_ptr<ByteSink> out = StdoutSink();
  Status status = rollout::DriveRobot(io.tool_version(), new_robot, *in, *out);
  // Asked to stop, and stopped: the simulated robot stands still by itself.
  return status.code() == Code::kInterrupted ? Ok() : status;
}

}  // namespace qt::collect
