// SPDX-License-Identifier: Apache-2.0
// A running robot driver and the exchange with it: one request at a time, heartbeats, time limits
// (formats/robot/SPEC.md). Knows nothing of episodes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/child_process.h"
#include "base/status.h"
#include "protocol/robot_wire.h"

namespace qt::robot {

// What a driver that is told to stop in mid-motion has for it.
inline constexpr double kStopPatience_s = 0.5;

// A request may take so many times the silence that counts as hung.
inline constexpr double kMostTimeouts = 10;

std::string SecondsText(double seconds);  // "2.5 s"
// Of the request that a message is about; nullptr if it is about none.
const uint64_t* IdOf(const protocol::DriverMessage& message);

struct LinkOptions {
  double timeout_s = 30;          // silence that counts as hung; see kMostTimeouts
  std::function<bool()> stopped;  // asked while waiting; then everything gives kInterrupted
};

// For one thread. After an error the driver can only be ended.
class DriverLink {
 public:
  // Runs the shell command and exchanges hellos. An error says what is wrong in one sentence; kBusy
  // if besides the driver could not be ended (see End).
  static Result<std::unique_ptr<DriverLink>> Start(const std::string& command,
                                                   const protocol::RobotClientHello& hello,
                                                   const LinkOptions& options);
  ~DriverLink();  // as End with no patience, if that was not called

  const protocol::DriverHello& hello() const { return hello_; }
  uint64_t NextId() { return ++last_id_; }

  // Sends a request; the time that its answer may take starts now. `what` is for messages.
  Status Send(const protocol::RobotRequest& request, const std::string& what);
  // The next message that is no heartbeat.
  Result<protocol::DriverMessage> Next();
  // Tells the driver to stop, and waits `patience_s` for it to end; then it is made to, with all
  // that it has started. kBusy if something of it runs on all the same: the robot has a master
  // still.
  Status End(double patience_s);

 private:
  DriverLink(std::unique_ptr<ChildProcess> child, const LinkOptions& options);
  Status Greet(const protocol::RobotClientHello& hello);
  Status Explain(Status status, const std::string& wrote);
  Status ExplainEnd();

  using Clock = std::chrono::steady_clock;
  LinkOptions options_;
  std::unique_ptr<ChildProcess> child_;
  protocol::FrameReader frames_;
  protocol::DriverHello hello_;
  bool has_said_hello_ = false;
  uint64_t last_id_ = 0;
  std::string waiting_for_;    // the request in hand
  Clock::time_point give_up_;  // however many heartbeats come
};

}  // namespace qt::robot
