// Which robots qt-collect runs on, and qt-collect as a robot's driver.
#pragma once

#include "cli/tool.h"
#include "options.h"
#include "rollout/collector.h"

namespace qt::collect {

// The simulator, or drivers (--robot).
robot::RobotFactory RobotsOf(const Options& options, const std::string& client);

// --serve-robot: until the client stops or goes away.
Status ServeRobot(const Options& options, cli::Io& io);

}  // namespace qt::collect
