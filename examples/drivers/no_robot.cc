// SPDX-License-Identifier: Apache-2.0
// A driver in C++ on lib/protocol (docs/ROBOT.md): the whole robot protocol, and behind it a
// gripper that is four numbers and a grey picture. Put a robot in its place.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "base/file.h"
#include "mdp/robot_limits.h"
#include "protocol/robot_wire.h"

namespace {

using namespace qt;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// --- The robot -----------------------------------------------------------------------------------

constexpr int kSide_px = 64;
constexpr double kOpen_m = 0.085, kPeriod_s = 0.02;
constexpr GripperTarget kHome = {0, 0, 0.18, 0}, kPark = {0, -0.35, 0.35, 0},
                        kDrop = {0, 0, 0.06, 0};

struct Robot {
  GripperTarget here = kHome;
  double width_m = kOpen_m;
  float opening = 1;  // as commanded

  void Command(const GripperTarget& pose) { here = pose; }
  void Hold() {}  // it only moves while commands come

  GripperState Gripper() const {
    return {opening,
            float(here.height_m),
            float(here.x_m),
            float(here.y_m),
            float(std::remainder(here.yaw_rad, 2 * M_PI)),
            float(width_m)};
  }
  EncodedImage Look() const {
    const uint8_t grey = uint8_t(std::clamp(255 * here.height_m, 0.0, 255.0));
    return {ImageEncoding::kRgb8, kSide_px, kSide_px, Bytes(RgbBytes(kSide_px, kSide_px), grey)};
  }
};

// --- Requests, heard in mid-motion ---------------------------------------------------------------

// Thread-safe: one thread reads the client's requests, one waits for SIGTERM, one moves the robot.
class Inbox {
 public:
  // A request, or what is wrong with it.
  using Entry = Result<protocol::RobotRequest>;

  void Read() {
    const std::unique_ptr<ByteSource> in = StdinSource();
    protocol::FrameReader frames(in.get());
    for (;;) {
      const Result<std::optional<protocol::Frame>> frame = frames.Next();
      if (!frame.ok() || !*frame) break;
      Entry request = protocol::DecodeRobotRequest(**frame);
      if (request.ok() && std::holds_alternative<protocol::StopRequest>(*request)) break;
      const std::lock_guard lock(mutex_);
      entries_.push_back(std::move(request));
      changed_.notify_all();
    }
    Stop();
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  // nullopt: the end.
  std::optional<Entry> Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopped_ || !entries_.empty(); });
    if (stopped_) return std::nullopt;
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    return entry;
  }
  // False as soon as the robot is to stop.
  bool Sleep(double seconds) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, Seconds(seconds), [this] { return stopped_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  bool stopped_ = false;
};

// --- The protocol --------------------------------------------------------------------------------

class Driver {
 public:
  explicit Driver(Inbox& inbox) : inbox_(inbox), out_(StdoutSink()) {
    limits_.x_m = {-0.08, 0.08};
    limits_.max_step_xy_m = 0.05;
    limits_.max_speed_mps = 0.25;
    limits_.max_turn_radps = 2;
  }

  // Until there is no more to do. The robot stands still afterwards.
  Status Serve() {
    Status status = AnswerAll();
    robot_.Hold();
    const bool told = status.code() == Code::kInterrupted || status.code() == Code::kClosedPipe;
    return told ? Ok() : status;
  }

 private:
  Status AnswerAll() {
    while (std::optional<Inbox::Entry> request = inbox_.Next()) {
      if (!request->ok()) {
        QT_TRY(Send(protocol::DriverError{{}, "bad_request", request->status().message()}));
        continue;
      }
      QT_TRY(std::visit([this](const auto& message) { return Take(message); }, **request));
    }
    return Ok();
  }

  Status Send(const protocol::DriverMessage& message) {
    QT_TRY(out_->Write(protocol::Encode(protocol::Framing::kBinary, message)));
    sent_ = Clock::now();
    return out_->Flush();
  }

  // The way to wait: hears a stop, and says that we are alive.
  Status Wait(double seconds) {
    constexpr double kHeartbeat_s = 0.5;
    const Clock::time_point end =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
    for (;;) {
      const double left_s = Seconds(end - Clock::now()).count();
      if (!inbox_.Sleep(std::clamp(left_s, 0.0, kHeartbeat_s))) {
        return Status(Code::kInterrupted, "told to stop");
      }
      if (left_s <= 0) return Ok();
      if (Seconds(Clock::now() - sent_).count() >= kHeartbeat_s) {
        QT_TRY(Send(protocol::DriverHeartbeat{}));
      }
    }
  }

  // In a straight line, in that time or longer, and never faster than the limits.
  Status Move(const GripperTarget& goal, double at_least_s = 0) {
    const GripperTarget start = robot_.here;
    const double turn = std::remainder(goal.yaw_rad - start.yaw_rad, 2 * M_PI);
    const double way_m =
        std::hypot(goal.x_m - start.x_m, goal.y_m - start.y_m, goal.height_m - start.height_m);
    const double duration_s = std::max({at_least_s, way_m / limits_.max_speed_mps,
                                        std::abs(turn) / limits_.max_turn_radps, kPeriod_s});
    const Clock::time_point begin = Clock::now();
    for (double share = 0; share < 1;) {
      QT_TRY(Wait(kPeriod_s));
      share = std::min(1.0, Seconds(Clock::now() - begin).count() / duration_s);
      robot_.Command({std::lerp(start.x_m, goal.x_m, share), std::lerp(start.y_m, goal.y_m, share),
                      std::lerp(start.height_m, goal.height_m, share),
                      start.yaw_rad + share * turn});
    }
    return Ok();
  }

  Status SetFingers(bool open) {
    QT_TRY(Wait(0.05));
    robot_.width_m = open ? kOpen_m : 0;
    robot_.opening = open ? 1 : 0;
    return Ok();
  }

  Status Done(uint64_t id) {
    protocol::DriverDone done;
    done.id = id;
    done.gripper = robot_.Gripper();
    return Send(done);
  }

  // Straight up first, then aside: what is held must not be swung.
  Status Leave() {
    GripperTarget above = robot_.here;
    above.height_m = std::max(above.height_m, kHome.height_m);
    QT_TRY(Move(above));
    return Move(kPark);
  }

  Status Evidence(uint64_t id, const char* name) {
    QT_TRY(Wait(0.02));  // until everything rests
    return Send(protocol::DriverEvidence{id, {name, Stamp_ns(), robot_.Look()}});
  }

  static int64_t Stamp_ns() {
    return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  Status Take(const protocol::RobotClientHello& hello) {
    if (hello.protocol != protocol::kRobotProtocol) {
      return Send(
          protocol::DriverError{{}, "unsupported_protocol", "this driver speaks protocol 1"});
    }
    task_ = hello.task;
    protocol::DriverHello answer;
    answer.driver = "no_robot.cc 1";
    answer.drop_test = true;
    answer.limits = limits_;
    return Send(answer);
  }

  Status Take(const protocol::NewBinRequest& request) {
    return Send(protocol::DriverError{request.id, "bad_request", "it cannot exchange the objects"});
  }

  Status Take(const protocol::ResetRequest& request) {
    QT_TRY(SetFingers(true));
    GripperTarget above = robot_.here;
    above.height_m = kHome.height_m;
    QT_TRY(Move(above));
    QT_TRY(Move(kHome));
    return Done(request.id);
  }

  Status Take(const protocol::ObserveRequest& request) {
    protocol::DriverObservation answer{request.id, Stamp_ns(), {}, false};
    answer.observation.image = robot_.Look();
    answer.observation.gripper = robot_.Gripper();
    return Send(answer);
  }

  Status Take(const protocol::CommandRequest& request) {
    const ActionKind kind = request.action.Kind();
    if (kind == ActionKind::kOpen || kind == ActionKind::kClose) {
      QT_TRY(SetFingers(kind == ActionKind::kOpen));
      return Done(request.id);
    }
    if (!request.motion) {
      return Send(protocol::DriverError{request.id, "bad_request", "'target' is missing"});
    }
    if (!IsInside(request.motion->target)) {  // the client has clipped it; we trust nobody
      return Send(
          protocol::DriverError{request.id, "refused", "the target is outside of the workspace"});
    }
    QT_TRY(Move(request.motion->target, request.motion->min_duration_s));
    return Done(request.id);
  }

  bool IsInside(const GripperTarget& goal) const {
    constexpr double kSlack_m = 1e-3;  // numbers come as decimal text
    const auto within = [](double value, double low, double high) {
      return value >= low - kSlack_m && value <= high + kSlack_m;
    };
    const double side_m = task_.workspace_xy_m;
    return within(goal.x_m, std::max(-side_m, limits_.x_m.low),
                  std::min(side_m, limits_.x_m.high)) &&
           within(goal.y_m, -side_m, side_m) &&
           within(goal.height_m, task_.min_height_m, task_.max_height_m);
  }

  Status Take(const protocol::DropTestRequest& request) {
    if (robot_.here.height_m <= task_.terminate_height_m) QT_TRY(SetFingers(true));
    QT_TRY(Leave());
    QT_TRY(Evidence(request.id, "before_drop"));
    if (robot_.opening == 0) {
      GripperTarget above = kDrop;
      above.height_m = kHome.height_m;
      QT_TRY(Move(above));
      QT_TRY(Move(kDrop));
      QT_TRY(SetFingers(true));
      QT_TRY(Move(above));
      QT_TRY(Leave());
    }
    QT_TRY(Evidence(request.id, "after_drop"));
    return Done(request.id);
  }

  Status Take(const protocol::StopRequest&) { return Ok(); }  // the inbox has heard it

  Inbox& inbox_;
  std::unique_ptr<ByteSink> out_;
  Clock::time_point sent_ = Clock::now();
  RobotLimits limits_;
  TaskConfig task_;
  Robot robot_;
};

}  // namespace

int main() {
  ::signal(SIGPIPE, SIG_IGN);  // a client that is gone is an error of writing
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, nullptr);  // of all threads: one waits for it
  Inbox inbox;
  std::thread([&] {
    int number = 0;
    ::sigwait(&term, &number);
    inbox.Stop();
  }).detach();
  std::thread([&] { inbox.Read(); }).detach();
  const Status status = Driver(inbox).Serve();
  if (!status.ok()) std::fprintf(stderr, "no_robot: %s\n", status.ToString().c_str());
  std::_Exit(status.ok() ? 0 : 1);  // without waiting for the threads that read
}
