// SPDX-License-Identifier: Apache-2.0
#include "robot/robot_driver.h"

#include <array>
#include <utility>

namespace qt::robot {
namespace {

using protocol::DriverMessage;

bool SameCamera(const CameraModel& a, const CameraModel& b) {
  const auto numbers = [](const CameraModel& c) {
    const Quaternion& q = c.X_WC.q;
    return std::array<double, 11>{
        c.fx_px, c.fy_px, c.cx_px, c.cy_px, c.X_WC.p_m[0], c.X_WC.p_m[1], c.X_WC.p_m[2],
        q.w,     q.x,     q.y,     q.z};
  };
  return a.width_px == b.width_px && a.height_px == b.height_px && numbers(a) == numbers(b);
}

class Driver {
 public:
  Driver(const std::string& name, const DrivenRobotFactory& new_robot, ByteSource& in,
         ByteSink& out)
      : name_(name), new_robot_(new_robot), frames_(&in), out_(out) {}

  Status Serve() {
    while (!stopped_) {
      QT_ASSIGN(const std::optional<protocol::Frame> frame, frames_.Next());
      if (!frame) return Ok();
      Result<protocol::RobotRequest> request = protocol::DecodeRobotRequest(*frame);
      if (!request.ok()) {
        QT_TRY(Send(protocol::DriverError{{}, "bad_request", request.status().message()}));
        continue;
      }
      QT_TRY(std::visit([this](const auto& message) { return Take(message); }, *request));
    }
    return Ok();
  }

 private:
  Status Send(const DriverMessage& message) {
    const protocol::FrameParts parts = protocol::LayOut(protocol::Framing::kBinary, message);
    QT_TRY(out_.Write(parts.head));
    QT_TRY(out_.Write(parts.image));
    return out_.Flush();
  }

  // What the client did wrong is told, and ends us.
  Status Refuse(const char* code, Status status) {
    QT_TRY(Send(protocol::DriverError{{}, code, status.message()}));
    return status;
  }

  // The robot's failures are the client's to handle.
  Status Report(uint64_t id, const Status& status) {
    const bool void_scene = robot_->fault() == Fault::kScene;
    return Send(protocol::DriverError{id, void_scene ? protocol::kDiscardCode : "failed",
                                      status.message()});
  }

  Status Done(uint64_t id, const Status& status, bool with_gripper) {
    if (!status.ok()) return Report(id, status);
    protocol::DriverDone done;
    done.id = id;
    if (with_gripper) done.gripper = robot_->gripper();
    TellConfig(done);
    return Send(done);
  }

  // Only what the client does not know yet: it is long, and mostly the same.
  void TellConfig(protocol::DriverDone& done) {
    if (const std::string config = robot_->env_config(); config != told_config_) {
      done.env_config = told_config_ = config;
    }
  }

  Status Take(const protocol::RobotClientHello& hello) {
    if (hello.protocol != protocol::kRobotProtocol) {
      return Refuse("unsupported_protocol", Failed("this driver speaks protocol " +
                                                   std::to_string(protocol::kRobotProtocol)));
    }
    Result<std::unique_ptr<Robot>> robot = new_robot_(hello);
    if (!robot.ok()) return Refuse("failed", std::move(robot).status());
    robot_ = std::move(*robot);
    protocol::DriverHello answer;
    answer.driver = name_;
    answer.env = robot_->env();
    answer.new_bin = true;
    answer.drop_test = hello.drop_test;
    answer.gripper_view = hello.drop_test && hello.gripper_view;
    return Send(answer);
  }

  Status Take(const protocol::NewBinRequest& request) {
    QT_TRY(NeedRobot());
    return Done(request.id, robot_->NewBin(request.seed), false);
  }

  Status Take(const protocol::ResetRequest& request) {
    QT_TRY(NeedRobot());
    robot_->SetClock(request.stamp_ns);
    return Done(request.id, robot_->StartEpisode(request.seed), true);
  }

  Status Take(const protocol::ObserveRequest& request) {
    QT_TRY(NeedRobot());
    Result<Observation> observation = robot_->Observe();
    if (!observation.ok()) return Report(request.id, observation.status());
    protocol::DriverObservation answer{request.id, robot_->stamp_ns(), std::move(*observation),
                                       false};
    answer.has_camera = !SameCamera(told_camera_, answer.observation.camera);
    if (answer.has_camera) told_camera_ = answer.observation.camera;
    return Send(answer);
  }

  Status Take(const protocol::CommandRequest& request) {
    QT_TRY(NeedRobot());
    return Done(request.id, robot_->Act(request.action), true);
  }

  Status Take(const protocol::DropTestRequest& request) {
    QT_TRY(NeedRobot());
    Result<DropTest> test = robot_->Finish();
    if (!test.ok()) return Report(request.id, test.status());
    for (EvidenceFrame& frame : test->evidence) {
      QT_TRY(Send(protocol::DriverEvidence{request.id, std::move(frame)}));
    }
    protocol::DriverDone done;
    done.id = request.id;
    if (test->truth) done.truth = test->truth->success;
    done.truth_config = test->truth_config;
    TellConfig(done);
    return Send(done);
  }

  Status Take(const protocol::StopRequest&) {
    stopped_ = true;
    return Ok();
  }

  Status NeedRobot() {
    return robot_ ? Ok() : Refuse("bad_request", Corrupt("the client has not said hello"));
  }

  const std::string& name_;
  const DrivenRobotFactory& new_robot_;
  protocol::FrameReader frames_;
  ByteSink& out_;
  std::unique_ptr<Robot> robot_;
  std::string told_config_;
  CameraModel told_camera_;
  bool stopped_ = false;
};

}  // namespace

Status DriveRobot(const std::string& driver, const DrivenRobotFactory& new_robot, ByteSource& in,
                  ByteSink& out) {
  return Driver(driver, new_robot, in, out).Serve();
}

}  // namespace qt::robot
