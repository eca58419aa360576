// SPDX-License-Identifier: Apache-2.0
#include "robot/driver_check.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numbers>
#include <optional>
#include <thread>
#include <utility>

#include "base/child_process.h"
#include "base/text.h"
#include "image/image.h"
#include "mdp/robot_limits.h"
#include "protocol/robot_wire.h"
#include "robot/driver_link.h"

namespace qt::robot {
namespace {

using protocol::DriverDone;
using protocol::DriverEvidence;
using protocol::DriverMessage;
using protocol::DriverObservation;
using CheckClock = std::chrono::steady_clock;

// Home (formats/robot/SPEC.md section 3), and how near is there.
constexpr double kHomeHeight_m = 0.18, kHomeSpread_m = 0.035;
constexpr double kArrived_m = 0.008, kArrived_rad = 0.06, kStill_m = 0.003;
// Gentle, and slow enough to be watched.
constexpr double kStep_m = 0.02, kTurn_rad = 0.2, kSpeed_mps = 0.05, kTurn_radps = 0.5;
constexpr double kStride_m = 0.04;       // on the way to the edge
constexpr double kTimed_s = 1;           // the motion that is timed
constexpr double kLong_s = 4;            // the motion in whose middle it is stopped
constexpr double kIntoMotion_s = 0.4;    // when
constexpr double kEndBound_s = 2;        // how soon it must have ended
constexpr double kFingersMove_m = 0.01;  // least that closing on nothing changes the width
constexpr double kRest_s = 0.3;
constexpr int kMaxDiscards = 5;
constexpr size_t kShown = 60;

double SecondsSince(CheckClock::time_point start) {
  return std::chrono::duration<double>(CheckClock::now() - start).count();
}

std::string Millimetres(double length_m) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f mm", 1000 * length_m);
  return text;
}

double Distance(const GripperState& a, const GripperState& b) {
  return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m, a.height_m - b.height_m);
}

// A half turn is the same grasp.
double TurnBetween(double a_rad, double b_rad) {
  return std::abs(std::remainder(a_rad - b_rad, std::numbers::pi));
}

// What a step says besides Ok (its rule holds) and kFailed (it fails).
Status NotChecked(const std::string& why) { return Partial(why); }
Status Over() { return Corrupt("another rule has failed"); }  // which says why

// The rules that no step of its own checks: each message does.
constexpr std::array kOfEachMessage = {
    std::array{"messages", "sends nothing but messages of the protocol, each where it belongs"},
    std::array{"answers", "answers each request once, with its id"},
    std::array{"poses", "reports poses within 5 cm of its workspace"},
    std::array{"pictures",
               "sends pictures that can be decoded, of one size, and a camera of that size"},
    std::array{"stamps", "gives each picture a later stamp"},
};

class Check {
 public:
  explicit Check(const DriverCheckConfig& config) : config_(config) {
    for (const auto& rule : kOfEachMessage)
      report_.rules.push_back({rule[0], rule[1], Verdict::kNotChecked, ""});
  }

  Result<DriverReport> Run() {
    Status status = RunSteps();
    QT_TRY(EndChild(kStopPatience_s, true).status());
    if (status.code() == Code::kInterrupted || status.code() == Code::kBusy) return status;
    if (status.ok()) HoldTheRest();
    return std::move(report_);
  }

 private:
  // kMustHold: if it fails, nobody knows what the next motion would do.
  enum Weight { kMayFail, kMustHold };
  struct Step {
    std::string_view name, text;
    Status (Check::*run)();
    Weight weight = kMayFail;
    bool fresh = false;  // wants a driver that is running and at home
  };
  static const std::vector<Step>& Steps();

  // --- Verdicts ------------------------------------------------------------------------------

  CheckedRule& Rule(std::string_view name) {
    return *std::ranges::find(report_.rules, name, &CheckedRule::name);
  }
  // Of a rule that each message may break. Nothing more is sent.
  Status Breaks(std::string_view name, const std::string& detail) {
    Rule(name).verdict = Verdict::kFails;
    Rule(name).detail = detail;
    return Over();
  }
  void HoldTheRest() {
    for (const auto& rule : kOfEachMessage) {
      CheckedRule& of_all = Rule(rule[0]);
      if (of_all.verdict == Verdict::kNotChecked) of_all.verdict = Verdict::kHolds;
    }
  }

  // Ok: the next step may be taken.
  Status RunSteps() {
    for (const Step& step : Steps())
      report_.rules.push_back({step.name, step.text, Verdict::kNotChecked, ""});
    for (const Step& step : Steps()) QT_TRY(RunStep(step));
    return Ok();
  }

  Status RunStep(const Step& step) {
    Status status = Try(step);
    for (int i = 0; i < kMaxDiscards && is_discarded_; ++i) status = Try(step);
    CheckedRule& rule = Rule(step.name);
    rule.detail = status.message();
    switch (status.code()) {
      case Code::kOk:
        rule.verdict = Verdict::kHolds;
        return Ok();
      case Code::kPartial:
        return Ok();
      case Code::kFailed:
        rule.verdict = Verdict::kFails;
        if (step.weight == kMustHold) return Over();
        return EndChild(kStopPatience_s, true).status();  // the next one gets a fresh driver
      default:
        return status;
    }
  }

  Status Try(const Step& step) {
    const bool begin = step.fresh && (!child_ || is_discarded_);
    is_discarded_ = false;
    if (step.fresh && !child_) QT_TRY(Start());
    if (begin && hello_.new_bin) QT_TRY(ExchangesObjects());
    if (step.fresh) QT_TRY(Reset());
    return (this->*step.run)();
  }

  // --- Talk ----------------------------------------------------------------------------------

  Status Start() {
    QT_ASSIGN(child_, ChildProcess::Start({"/bin/sh", "-c", config_.command}, config_.timeout_s,
                                          Orphan::kEndOfInput));
    child_->NameTalk("robot driver");
    child_->SetStop(config_.stopped);
    frames_.emplace(child_.get());
    stamp_ns_ = -1;
    size_ = gripper_size_ = {};
    camera_ = {};
    const protocol::RobotClientHello hello{
        protocol::kRobotProtocol, config_.client, 0, config_.task, true, true};
    Send(hello);
    Result<DriverMessage> message = Next("hello", kMostTimeouts);
    QT_TRY(message.status());
    const auto* answer = std::get_if<protocol::DriverHello>(&*message);
    if (answer == nullptr) return Failed("its first message is no hello");
    if (answer->protocol != protocol::kRobotProtocol) {
      return Failed("it speaks protocol " + std::to_string(answer->protocol));
    }
    hello_ = *answer;
    report_.driver = hello_.driver;
    child_->ReleaseStderr();
    return Ok();
  }

  void Send(const protocol::RobotRequest& request) {
    SendBytes(protocol::Encode(protocol::Framing::kNdjson, request));
  }
  // What a driver that has gone said last shows when we read.
  void SendBytes(ByteSpan bytes) { static_cast<void>(child_->Write(bytes).ok()); }
  void SendLine(const std::string& line) { SendBytes(AsBytes(line + "\n")); }

  // The next message that is no heartbeat. kFailed: silence, the end, an error that it tells.
  Result<DriverMessage> Next(const std::string& what, double patience = 1) {
    const CheckClock::time_point start = CheckClock::now();
    const auto after = [](double seconds) {
      return CheckClock::now() + std::chrono::duration_cast<CheckClock::duration>(
                                     std::chrono::duration<double>(seconds));
    };
    while (SecondsSince(start) < kMostTimeouts * config_.timeout_s) {
      child_->SetDeadline(after(patience * config_.timeout_s));
      Result<std::optional<protocol::Frame>> frame = frames_->Next();
      if (!frame.ok()) return Lost(std::move(frame).status(), frames_->Pending(kShown), what);
      if (!*frame) {
        const std::string how = child_->End(0.5);
        child_.reset();
        return Failed("it " + how + " while '" + what + "' was unanswered");
      }
      const std::string begin = (*frame)->json.substr(0, kShown);
      Result<DriverMessage> message = protocol::DecodeDriverMessage(std::move(**frame));
      if (!message.ok()) return Lost(std::move(message).status(), begin, what);
      if (!std::holds_alternative<protocol::DriverHeartbeat>(*message)) return message;
    }
    return Lost(Status(Code::kBusy, ""), "", what);
  }

  // The driver cannot be used any more.
  Status Lost(Status status, const std::string& wrote, const std::string& what) {
    if (status.code() == Code::kInterrupted) return status;
    QT_TRY(EndChild(0, false).status());
    if (status.code() == Code::kBusy) {
      return Failed("it did not answer '" + what + "' within " + SecondsText(config_.timeout_s));
    }
    if (status.code() != Code::kCorrupt) return Failed(status.message());
    return Breaks("messages", status.message() + "; it wrote \"" + Printable(wrote) + "\"");
  }

  // The answer to request `id`, of that kind.
  template <typename Answer>
  Result<Answer> Await(uint64_t id, const std::string& what) {
    QT_ASSIGN(DriverMessage message, Next(what));
    if (const auto* error = std::get_if<protocol::DriverError>(&message)) {
      is_discarded_ = error->code == protocol::kDiscardCode;
      return Failed("it says to '" + what + "': " + error->message);
    }
    const uint64_t* answered = IdOf(message);
    if (answered != nullptr && *answered != id) {
      return Breaks("answers", "'" + what + "' with id " + std::to_string(id) +
                                   " was answered with id " + std::to_string(*answered));
    }
    auto* answer = std::get_if<Answer>(&message);
    if (answer == nullptr) return Failed("another kind of answer to '" + what + "'");
    return std::move(*answer);
  }

  Status TakePose(const GripperState& gripper) {
    const Status status = CheckPose(gripper, hello_.limits, config_.task);
    if (!status.ok()) return Breaks("poses", status.message());
    gripper_ = gripper;
    return Ok();
  }

  // Of a request after which the gripper is somewhere else.
  Status AwaitMotion(uint64_t id, const std::string& what) {
    QT_ASSIGN(const DriverDone done, Await<DriverDone>(id, what));
    if (!done.gripper) return Breaks("messages", "no gripper after '" + what + "'");
    return TakePose(*done.gripper);
  }

  Status Reset() {
    const uint64_t id = ++last_id_;
    Send(protocol::ResetRequest{id, UINT64_MAX - id, 0});
    stamp_ns_ = -1;  // a new episode
    size_ = gripper_size_ = {};
    return AwaitMotion(id, "reset");
  }

  struct Size {
    int width_px = 0, height_px = 0;
    bool operator==(const Size&) const = default;
  };

  Status TakePicture(const EncodedImage& image, int64_t stamp_ns, Size& size) {
    if (stamp_ns <= stamp_ns_) {
      return Breaks("stamps", "a stamp of " + std::to_string(stamp_ns) + " ns after one of " +
                                  std::to_string(stamp_ns_) + " ns");
    }
    stamp_ns_ = stamp_ns;
    const Size its = {image.width_px, image.height_px};
    if (size != Size() && its != size) return Breaks("pictures", "different sizes in one episode");
    size = its;
    RgbImage storage;
    const Result<RgbView> decoded = View(image, &storage);
    return decoded.ok() ? Ok() : Breaks("pictures", decoded.status().message());
  }

  Status AwaitObservation(uint64_t id) {
    QT_ASSIGN(const DriverObservation seen, Await<DriverObservation>(id, "observe"));
    QT_TRY(TakePose(seen.observation.gripper));
    QT_TRY(TakePicture(seen.observation.image, seen.stamp_ns, size_));
    if (seen.has_camera) camera_ = seen.observation.camera;
    const bool fits = !camera_.valid() || Size{camera_.width_px, camera_.height_px} == size_;
    return fits ? Ok() : Breaks("pictures", "a camera whose size is not that of its picture");
  }

  Status Observe() {
    const uint64_t id = ++last_id_;
    Send(protocol::ObserveRequest{id});
    return AwaitObservation(id);
  }

  // --- Motions -------------------------------------------------------------------------------

  // Inside of all limits, and gently. Returns without the answer.
  protocol::CommandRequest SendMotion(const Action& wanted, double at_least_s = 0) {
    const Action action = ClipToLimits(ClipAction(wanted, config_.task), hello_.limits);
    protocol::CommandRequest request{++last_id_, action, {}};
    request.motion = GuardMotion(gripper_, action, hello_.limits, config_.task);
    const GripperTarget& target = request.motion->target;
    const double way_m = std::hypot(target.x_m - gripper_.x_m, target.y_m - gripper_.y_m,
                                    target.height_m - gripper_.height_m);
    request.motion->min_duration_s =
        std::max({request.motion->min_duration_s, way_m / kSpeed_mps,
                  std::abs(double(action.dyaw_rad())) / kTurn_radps, at_least_s});
    Send(request);
    return request;
  }

  Status Move(const Action& wanted, const std::string& what, double at_least_s = 0) {
    const protocol::CommandRequest request = SendMotion(wanted, at_least_s);
    QT_TRY(AwaitMotion(request.id, "act"));
    const GripperTarget& target = request.motion->target;
    const double off_m = std::hypot(target.x_m - gripper_.x_m, target.y_m - gripper_.y_m,
                                    target.height_m - gripper_.height_m);
    if (off_m > kArrived_m)
      return Failed(what + ": it ends " + Millimetres(off_m) + " from its target");
    if (TurnBetween(target.yaw_rad, gripper_.yaw_rad) > kArrived_rad) {
      return Failed(what + ": it ends turned otherwise than told");
    }
    return Ok();
  }

  Status SetFingers(bool open) {
    const uint64_t id = ++last_id_;
    Send(protocol::CommandRequest{id, open ? Action::Open() : Action::Close(), {}});
    return AwaitMotion(id, "act");
  }

  // --- The end -------------------------------------------------------------------------------

  // Seconds that it took; more than the patience if it had to be made to.
  Result<double> EndChild(double patience_s, bool say_stop) {
    if (!child_) return 0.0;
    if (say_stop) Send(protocol::StopRequest());
    const CheckClock::time_point start = CheckClock::now();
    child_->End(patience_s);
    const double seconds = SecondsSince(start);
    const bool gone = child_->gone();
    child_.reset();
    frames_.reset();
    if (gone) return seconds;
    return Status(Code::kBusy, "the robot driver cannot be ended, not even by SIGKILL");
  }

  Status EndsInTime(bool say_stop) {
    QT_ASSIGN(const double seconds, EndChild(kEndBound_s, say_stop));
    // End has found out within a twentieth of a second, or else has sent a signal.
    if (seconds < kEndBound_s) return Ok();
    return Failed("something of it ran on after " + SecondsText(kEndBound_s));
  }

  // Begins a motion that takes long, and lets it get under way.
  Status BeginLongMotion() {
    SendMotion(Action::Move(0, 0, -kStep_m, 0), kLong_s);
    return Pause(kIntoMotion_s);
  }

  Status Pause(double seconds) const {
    const CheckClock::time_point start = CheckClock::now();
    while (SecondsSince(start) < seconds) {
      if (config_.stopped && config_.stopped()) return Status(Code::kInterrupted, "interrupted");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return Ok();
  }

  // --- Steps ---------------------------------------------------------------------------------

  Status SaysHello() { return Start(); }

  Status FitsTheTask() { return CheckLimits(hello_.limits, config_.task); }

  Status GoesHome() {
    const auto inside = [](double value, const RobotLimits::Interval& side) {
      return std::clamp(value, side.low, side.high);
    };
    const RobotLimits& limits = hello_.limits;
    const bool near =
        std::abs(gripper_.x_m - inside(0, limits.x_m)) <= kHomeSpread_m &&
        std::abs(gripper_.y_m - inside(0, limits.y_m)) <= kHomeSpread_m &&
        std::abs(gripper_.height_m - inside(kHomeHeight_m, limits.height_m)) <= kHomeSpread_m;
    if (!near) return Failed("after reset it is not at home");
    return gripper_.opening > 0.5f ? Ok() : Failed("after reset the gripper is not open");
  }

  Status StandsStill() {
    QT_TRY(Move(Action::Move(0, 0, -kStep_m, 0), "down"));
    const GripperState told = gripper_;
    QT_TRY(Observe());
    const GripperState seen = gripper_;
    QT_TRY(Pause(kRest_s));
    QT_TRY(Observe());
    const double moved_m = std::max(Distance(told, gripper_), Distance(seen, gripper_));
    return moved_m <= kStill_m ? Ok() : Failed("it moved on by " + Millimetres(moved_m));
  }

  Status FollowsEachAxis() {
    const struct {
      const char* name;
      double dx_m, dy_m, dz_m, dyaw_rad;
    } motions[] = {{"+x", kStep_m, 0, 0, 0},     {"-x", -kStep_m, 0, 0, 0},
                   {"+y", 0, kStep_m, 0, 0},     {"-y", 0, -kStep_m, 0, 0},
                   {"-z", 0, 0, -kStep_m, 0},    {"+z", 0, 0, kStep_m, 0},
                   {"+yaw", 0, 0, 0, kTurn_rad}, {"-yaw", 0, 0, 0, -kTurn_rad}};
    for (const auto& m : motions) {
      QT_TRY(Move(Action::Move(m.dx_m, m.dy_m, m.dz_m, m.dyaw_rad), m.name));
    }
    return Ok();
  }

  Status EndsAtTheEdge() {
    const double edge_m = std::min(config_.task.workspace_xy_m, hello_.limits.x_m.high);
    const double before_m = edge_m - 0.5 * kStep_m;
    for (int i = 0; i < 40 && gripper_.x_m < before_m - kArrived_m; ++i) {
      const double way_m = std::min(kStride_m, before_m - gripper_.x_m);
      QT_TRY(Move(Action::Move(way_m, 0, 0, 0), "towards the edge"));
    }
    return Move(Action::Move(1.5 * kStep_m, 0, 0, 0), "beyond the edge");
  }

  Status TakesItsTime() {
    if (!std::isfinite(hello_.limits.max_speed_mps))
      return NotChecked("it states no max_speed_mps");
    const CheckClock::time_point start = CheckClock::now();
    QT_TRY(Move(Action::Move(0, 0, -kStep_m, 0), "down", kTimed_s));
    const double seconds = SecondsSince(start);
    if (seconds > 0.9 * kTimed_s) return Ok();
    return Failed("it was there after " + SecondsText(std::round(100 * seconds) / 100) + ", not " +
                  SecondsText(kTimed_s));
  }

  Status MovesItsFingers() {
    const GripperState before = gripper_;
    QT_TRY(SetFingers(false));
    if (gripper_.opening > 0.5f) return Failed("after close 'opening' is not 0");
    const double by_m = before.measured_opening_m - gripper_.measured_opening_m;
    if (by_m < kFingersMove_m) {
      return Failed("closing changes measured_opening_m by " + Millimetres(by_m));
    }
    if (Distance(before, gripper_) > kArrived_m) return Failed("closing moves the gripper");
    QT_TRY(SetFingers(true));
    if (gripper_.opening < 0.5f) return Failed("after open 'opening' is not 1");
    const bool opened = before.measured_opening_m - gripper_.measured_opening_m < 0.5 * by_m;
    return opened ? Ok() : Failed("opening does not change measured_opening_m back");
  }

  Status IsHeardInALongMotion() {
    return Move(Action::Move(0, 0, -kStep_m, 0), "down", 1.5 * config_.timeout_s);
  }

  Status ExchangesObjects() {
    if (!hello_.new_bin) return NotChecked("it has no new_bin");
    const uint64_t id = ++last_id_;
    Send(protocol::NewBinRequest{id, UINT64_MAX - id});
    return Await<DriverDone>(id, "new_bin").status();
  }

  Status GivesEvidence() {
    const uint64_t id = ++last_id_;
    Send(protocol::DropTestRequest{id});
    std::vector<const char*> names;
    if (hello_.drop_test) names = {"before_drop", "after_drop"};
    if (hello_.drop_test && hello_.gripper_view) {
      names = {"before_drop", "gripper_before", "after_drop", "gripper_after"};
    }
    for (const std::string name : names) {
      QT_ASSIGN(const DriverEvidence evidence, Await<DriverEvidence>(id, "drop_test"));
      if (evidence.frame.name != name) {
        return Failed("evidence '" + Printable(evidence.frame.name) + "' instead of '" + name +
                      "'");
      }
      const bool of_gripper = name.starts_with("gripper");
      QT_TRY(TakePicture(evidence.frame.image, evidence.frame.stamp_ns,
                         of_gripper ? gripper_size_ : size_));
    }
    return Await<DriverDone>(id, "drop_test").status();
  }

  Status SurvivesNonsense() {
    const GripperState before = gripper_;
    const std::string id = std::to_string(++last_id_);
    for (const std::string& line : {R"({"type":"dance","id":)" + id + "}",
                                    R"({"type":"act","id":)" + id + R"(,"action":[0,0,0.01]})",
                                    R"({"id":)" + id + "}", std::string("this is no JSON")}) {
      SendLine(line);
      QT_ASSIGN(const DriverMessage message, Next(line));
      if (!std::holds_alternative<protocol::DriverError>(message)) {
        return Failed("the answer to " + line + " is no error");
      }
    }
    QT_TRY(Observe());
    return Distance(before, gripper_) <= kStill_m ? Ok() : Failed("it moved");
  }

  Status PassesOverKeys() {
    const uint64_t id = ++last_id_;
    SendLine(R"({"type":"observe","of_a_later_version":{"a":[1]},"id":)" + std::to_string(id) +
             "}");
    return AwaitObservation(id);
  }

  Status EndsByStop() {
    QT_TRY(BeginLongMotion());
    return EndsInTime(true);
  }

  Status EndsBySigterm() {
    QT_TRY(BeginLongMotion());
    child_->Signal(SIGTERM);
    return EndsInTime(false);
  }

  Status EndsWithItsInput() {
    child_->CloseInput();
    return EndsInTime(false);
  }

  const DriverCheckConfig& config_;
  DriverReport report_;
  std::unique_ptr<ChildProcess> child_;
  std::optional<protocol::FrameReader> frames_;
  protocol::DriverHello hello_;
  uint64_t last_id_ = 0;
  bool is_discarded_ = false;
  int64_t stamp_ns_ = -1;
  Size size_, gripper_size_;
  CameraModel camera_;
  GripperState gripper_;
};

const std::vector<Check::Step>& Check::Steps() {
  static const std::vector<Step> steps = {
      {"hello", "says hello in time, in protocol 1", &Check::SaysHello, kMustHold, false},
      {"limits", "states limits that leave room for the task", &Check::FitsTheTask, kMustHold,
       false},
      {"new_bin", "exchanges the objects if it says so", &Check::ExchangesObjects, kMustHold,
       false},
      {"home", "on reset opens the gripper and goes home", &Check::GoesHome, kMustHold, true},
      {"observe", "answers observe", &Check::Observe, kMustHold, true},
      {"rest", "answers act when the motion has ended", &Check::StandsStill, kMustHold, true},
      {"motion", "goes where target says, along each axis", &Check::FollowsEachAxis, kMustHold,
       true},
      {"edge", "ends at its workspace's edge though action says farther", &Check::EndsAtTheEdge,
       kMustHold, true},
      {"speed", "takes min_duration_s for a motion", &Check::TakesItsTime, kMayFail, true},
      {"fingers", "closes and opens without moving, and measures the width",
       &Check::MovesItsFingers, kMayFail, true},
      {"heartbeats", "is never silent for longer than --robot-timeout",
       &Check::IsHeardInALongMotion, kMayFail, true},
      {"drop_test", "gives the evidence that it says it gives, in order", &Check::GivesEvidence,
       kMayFail, true},
      {"nonsense", "answers a wrong request with an error, without moving",
       &Check::SurvivesNonsense, kMayFail, true},
      {"keys", "ignores keys that it does not know", &Check::PassesOverKeys, kMayFail, true},
      {"stop", "ends within 2 s of stop in mid-motion", &Check::EndsByStop, kMayFail, true},
      {"sigterm", "ends within 2 s of SIGTERM in mid-motion", &Check::EndsBySigterm, kMayFail,
       true},
      {"end_of_input", "ends within 2 s of the end of its input", &Check::EndsWithItsInput,
       kMayFail, true},
  };
  return steps;
}

}  // namespace

const char* ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kFails:
      return "fails";
    case Verdict::kNotChecked:
      break;
  }
  return "not checked";
}

size_t DriverReport::Count(Verdict verdict) const {
  return size_t(std::ranges::count(rules, verdict, &CheckedRule::verdict));
}

std::string DescribeDriverCheck(const DriverCheckConfig& config) {
  return "starts '" + Printable(config.command) +
         "' several times and moves the robot: home; by 2 cm and 0.2 rad along each axis, at "
         "most 5 cm/s; to the edge of its workspace along x; closes and opens the gripper; one "
         "motion of " +
         SecondsText(1.5 * config.timeout_s) +
         "; one drop test; stops it twice in mid-motion. Stand at the emergency stop and watch "
         "that "
         "it stands still then";
}

Result<DriverReport> CheckDriver(const DriverCheckConfig& config) { return Check(config).Run(); }

}  // namespace qt::robot
