// SPDX-License-Identifier: Apache-2.0
#include "robot/remote_robot.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>

#include "base/log.h"
#include "image/image.h"
#include "json/bounded_json.h"
#include "json/json.h"
#include "mdp/geometry.h"

namespace qt::robot {
namespace {

constexpr std::string_view kSimulator = "sim", kDriver = "exec:";

using protocol::DriverDone;
using protocol::DriverEvidence;
using protocol::DriverMessage;
using protocol::DriverObservation;

constexpr double kEndPatience_s = 5;

Status Nonsense(const std::string& what) { return Failed("the robot driver sends " + what); }

// The one action that takes the gripper from one state to the other. An error if it takes more.
Result<Action> ActionBetween(const GripperState& from, const GripperState& to,
                             const TaskConfig& task) {
  constexpr double kStill_m = 0.005, kStill_rad = 0.05, kSlack = 1.001;
  const Action motion =
      Action::Move(to.x_m - from.x_m, to.y_m - from.y_m, to.height_m - from.height_m,
                   WrapAngle(to.yaw_rad - from.yaw_rad));
  const auto within = [&motion](double xy_m, double z_m, double yaw_rad) {
    return std::abs(motion.dx_m) <= xy_m && std::abs(motion.dy_m) <= xy_m &&
           std::abs(motion.dz_m) <= z_m && std::abs(motion.dyaw_rad()) <= yaw_rad;
  };
  const bool was_open = from.opening > 0.5f, is_open = to.opening > 0.5f;
  if (was_open != is_open && within(kStill_m, kStill_m, kStill_rad)) {
    return is_open ? Action::Open() : Action::Close();
  }
  if (was_open == is_open &&
      within(kSlack * task.max_dxy_m, kSlack * task.max_dz_m, kSlack * task.max_dyaw_rad)) {
    return motion;
  }
  return Nonsense("an intervention of more than one action");
}

// Each picture before the drop has its like after it. REQUIRES: they come in their order.
bool IsWhole(const std::vector<EvidenceFrame>& evidence) {
  return evidence.empty() || evidence.size() == 4 ||
         (evidence.size() == 2 && evidence[1].name == "after_drop");
}

double NumberAt(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

// What a simulator behind the driver says beside its verdict, under the keys of ours.
Truth TruthOf(bool success, const std::string& truth_config, const std::string& env_config) {
  const Json held = json::ParseObjectOrNone(truth_config);
  const Json env = json::ParseObjectOrNone(env_config);
  Truth truth{.success = success};
  truth.held_size_m = NumberAt(held, "held_size_m");
  truth.tried_size_m = NumberAt(env, "tried_size_m");
  truth.num_objects = static_cast<int>(NumberAt(env, "num_objects"));
  const auto disturbance = env.find("disturbance");
  if (disturbance == env.end() || !disturbance->is_object()) return truth;
  const auto applied = disturbance->find("applied");
  truth.disturbed = applied != disturbance->end() && *applied == true;
  return truth;
}

}  // namespace

Result<RobotSpec> RobotSpec::Parse(std::string_view text) {
  if (text == kSimulator) return RobotSpec{};
  if (text.starts_with(kDriver) && text.size() > kDriver.size()) {
    return RobotSpec{std::string(text.substr(kDriver.size()))};
  }
  return Usage("wants sim or exec:COMMAND, not '" + std::string(text) + "'");
}

std::string RobotSpec::ToString() const {
  return command.empty() ? std::string(kSimulator) : std::string(kDriver) + command;
}

RemoteRobot::RemoteRobot(RemoteRobotConfig config, const RobotContext& context)
    : config_(std::move(config)), context_(context) {}

RemoteRobot::~RemoteRobot() {
  if (!link_) return;
  const Status ended = link_->End(context_.stopped() ? kStopPatience_s : kEndPatience_s);
  if (!ended.ok()) LogWarning(ended.message());
}

// Every error passes through here: a driver that has failed is not used again. Where it cannot be
// ended there is no successor: a robot has one master.
Status RemoteRobot::Note(Status status) {
  if (status.ok() || status.code() == Code::kInterrupted || fault_ == Fault::kScene) return status;
  const Status ended = link_ ? link_->End(0) : Ok();
  link_.reset();
  if (!ended.ok()) return Status(ended.code(), status.message() + "; " + ended.message());
  ++failures_;
  fault_ = Fault::kDriver;
  last_failure_ = status;
  return status;
}

Status RemoteRobot::Pause(double seconds) const {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    if (context_.stopped()) return Status(Code::kInterrupted, "interrupted");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Ok();
}

Status RemoteRobot::Start() {
  const protocol::RobotClientHello hello{
      protocol::kRobotProtocol, config_.client,
      context_.environment,     config_.task,
      config_.drop_test,        config_.drop_test && config_.gripper_view};
  QT_ASSIGN(std::unique_ptr<DriverLink> link,
            DriverLink::Start(config_.command, hello, {config_.timeout_s, context_.stopped}));
  has_said_hello_ = true;
  driver_ = link->hello().driver;
  env_ = link->hello().env;
  SetConfig(link->hello().env_config);
  camera_ = CameraModel();
  QT_TRY(CheckLimits(link->hello().limits, config_.task));
  link_ = std::move(link);
  LogDebug("robot driver " + link_->hello().driver + " is ready");
  return Ok();
}

// Until it runs, has failed too often, or we are to stop.
Status RemoteRobot::EnsureRunning() {
  while (!link_) {
    if (failures_ > config_.max_restarts) {
      return Failed("the robot driver has failed " + std::to_string(failures_) +
                    " times in a row; last: " + last_failure_.message());
    }
    if (failures_ > 0) {
      const double pause_s = std::min(config_.backoff_s * std::exp2(failures_ - 1), kMaxBackoff_s);
      LogWarning(last_failure_.message() + "; starting it again in " + SecondsText(pause_s));
      QT_TRY(Pause(pause_s));
    }
    Status status = Start();
    if (status.ok()) break;
    const bool lasts = status.code() == Code::kInterrupted || status.code() == Code::kBusy;
    if (lasts || !has_said_hello_) return status;
    last_failure_ = std::move(status);
    ++failures_;
  }
  return Ok();
}

Status RemoteRobot::NewBin(uint64_t seed) {
  fault_ = Fault::kNone;
  QT_TRY(EnsureRunning());
  if (!link_->hello().new_bin) return Ok();
  const uint64_t id = link_->NextId();
  QT_ASSIGN(const DriverDone done,
            AskFor<DriverDone>(protocol::NewBinRequest{id, seed}, "new_bin", id));
  return TakeConfig(done);
}

// The next message, which must be about request `id`.
Result<DriverMessage> RemoteRobot::Next(uint64_t id) {
  QT_ASSIGN(DriverMessage message, link_->Next());
  if (const auto* error = std::get_if<protocol::DriverError>(&message)) {
    if (error->code == protocol::kDiscardCode) fault_ = Fault::kScene;
    return Failed("the robot driver says: " + error->message);
  }
  const uint64_t* answered = IdOf(message);
  if (answered == nullptr) return Nonsense("a second hello");
  if (*answered != id) return Nonsense("an answer to a request that was not made");
  return message;
}

Result<DriverMessage> RemoteRobot::Ask(const protocol::RobotRequest& request,
                                       const std::string& what, uint64_t id) {
  if (!link_) return Failed("the robot driver is not running");
  QT_TRY(link_->Send(request, what));
  return Next(id);
}

template <typename Answer>
Result<Answer> RemoteRobot::AskFor(const protocol::RobotRequest& request, const std::string& what,
                                   uint64_t id) {
  Result<DriverMessage> message = Ask(request, what, id);
  QT_TRY(Note(message.status()));
  if (auto* answer = std::get_if<Answer>(&*message)) return std::move(*answer);
  return Note(Nonsense("the wrong kind of answer to '" + what + "'"));
}

// A request after which the gripper is somewhere else.
Status RemoteRobot::Move(const protocol::RobotRequest& request, const std::string& what,
                         uint64_t id) {
  QT_ASSIGN(const DriverDone done, AskFor<DriverDone>(request, what, id));
  if (!done.gripper) return Note(Nonsense("no gripper after '" + what + "'"));
  QT_TRY(Note(CheckPose(*done.gripper, link_->hello().limits, config_.task)));
  intervention_.reset();
  if (done.intervention) {
    const Result<Action> by_person = ActionBetween(gripper_, *done.gripper, config_.task);
    QT_TRY(Note(by_person.status()));
    intervention_ = *by_person;
  }
  gripper_ = *done.gripper;
  return TakeConfig(done);
}

Status RemoteRobot::TakeConfig(const DriverDone& done) {
  if (done.env_config) SetConfig(*done.env_config);
  return Ok();
}

void RemoteRobot::SetConfig(const std::string& env_config) {
  env_config_ = env_config;
  if (config_.objects_name.empty()) return;
  Json json = json::ParseObjectOrNone(env_config);
  json["objects"] = config_.objects_name;
  env_config_ = json::Dump(json);
}

Status RemoteRobot::StartEpisode(uint64_t seed) {
  if (!link_) return Failed("the robot driver is not running");
  stamp_ns_ = -1;
  size_ = gripper_size_ = Size();
  const uint64_t id = link_->NextId();
  return Move(protocol::ResetRequest{id, seed, start_stamp_ns_}, "reset", id);
}

// What is recorded must be readable, and in order.
Status RemoteRobot::CheckPicture(const EncodedImage& image, int64_t stamp_ns, Size& size) {
  if (stamp_ns <= stamp_ns_) return Nonsense("stamps that do not increase");
  const bool is_first = size.width_px == 0;
  if (!is_first && (image.width_px != size.width_px || image.height_px != size.height_px)) {
    return Nonsense("pictures of different sizes in one episode");
  }
  if (image.encoding == ImageEncoding::kJpeg) {
    RgbImage storage;
    const Result<RgbView> decoded = View(image, &storage);
    if (!decoded.ok()) {
      return Nonsense("a picture that cannot be decoded: " + decoded.status().message());
    }
  }
  size = {image.width_px, image.height_px};
  stamp_ns_ = stamp_ns;
  return Ok();
}

Result<Observation> RemoteRobot::TakeObservation(DriverObservation&& message) {
  Observation& observation = message.observation;
  QT_TRY(CheckPose(observation.gripper, link_->hello().limits, config_.task));
  QT_TRY(CheckPicture(observation.image, message.stamp_ns, size_));
  if (message.has_camera) camera_ = observation.camera;
  if (camera_.valid() &&
      (camera_.width_px != size_.width_px || camera_.height_px != size_.height_px)) {
    return Nonsense("a camera whose size is not that of its picture");
  }
  observation.camera = camera_;
  gripper_ = observation.gripper;
  return std::move(observation);
}

Result<Observation> RemoteRobot::Observe() {
  if (!link_) return Failed("the robot driver is not running");
  const uint64_t id = link_->NextId();
  QT_ASSIGN(DriverObservation message,
            AskFor<DriverObservation>(protocol::ObserveRequest{id}, "observe", id));
  Result<Observation> observation = TakeObservation(std::move(message));
  QT_TRY(Note(observation.status()));
  return observation;
}

Action RemoteRobot::Clip(const Action& action) const {
  return link_ ? ClipToLimits(action, link_->hello().limits) : action;
}

Status RemoteRobot::Act(const Action& action) {
  if (!link_) return Failed("the robot driver is not running");
  const RobotLimits& limits = link_->hello().limits;
  protocol::CommandRequest request{link_->NextId(), ClipToLimits(action, limits), {}};
  if (action.Kind() == ActionKind::kTerminate) return Ok();
  if (action.Kind() == ActionKind::kMove) {
    request.motion = GuardMotion(gripper_, request.action, limits, config_.task);
  }
  return Move(request, "act", request.id);
}

Result<DropTest> RemoteRobot::TakeDropTest(uint64_t id) {
  QT_ASSIGN(DriverMessage message, Ask(protocol::DropTestRequest{id}, "drop_test", id));
  DropTest test;
  for (const char* name : {"before_drop", "gripper_before", "after_drop", "gripper_after"}) {
    auto* evidence = std::get_if<DriverEvidence>(&message);
    if (evidence == nullptr) break;
    const bool of_gripper = std::string_view(name).starts_with("gripper");
    if (of_gripper && evidence->frame.name != name) continue;
    if (evidence->frame.name != name) {
      return Nonsense("evidence that is not '" + std::string(name) + "'");
    }
    QT_TRY(CheckPicture(evidence->frame.image, evidence->frame.stamp_ns,
                        of_gripper ? gripper_size_ : size_));
    test.evidence.push_back(std::move(evidence->frame));
    QT_ASSIGN(message, Next(id));
  }
  auto* done = std::get_if<DriverDone>(&message);
  if (done == nullptr || !IsWhole(test.evidence)) return Nonsense("half a drop test");
  QT_TRY(TakeConfig(*done));
  if (done->truth) test.truth = TruthOf(*done->truth, done->truth_config, env_config_);
  test.truth_config = std::move(done->truth_config);
  return test;
}

Result<DropTest> RemoteRobot::Finish() {
  if (!link_) return Failed("the robot driver is not running");
  Result<DropTest> test = TakeDropTest(link_->NextId());
  QT_TRY(Note(test.status()));
  failures_ = 0;
  return test;
}

}  // namespace qt::robot
