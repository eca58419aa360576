// SPDX-License-Identifier: Apache-2.0
// Episodes in a Cell: bins, home, observations, and the drop test. docs/TASK.md describes the task.
#include "sim/sim_robot.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "base/check.h"
#include "json/json.h"
#include "json/mdp_json.h"
#include "json/settings.h"
#include "sim/cell.h"
#include "sim/disturbance.h"
#include "sim/families.h"
#include "sim/nuisance.h"
#include "sim/placing.h"
#include "sim/renderer.h"
#include "sim/scene.h"
#include "sim/truth_grasp.h"
#include "sim/view.h"

namespace qt::sim {
namespace {

using std::numbers::pi;
constexpr double kHomeXy_m = 0.03, kHomeHeight_m = 0.18, kHomeHeightSpread_m = 0.01;
constexpr double kClearHeight_m = 0.24;  // above everything that lies in the bin
constexpr double kHeldHeight_m = 0.20;   // parked at 0.42 m, what is higher than this is held
constexpr double kDropHeight_m = 0.06, kHighDrop_m = 0.16, kDropXy_m = 0.06;
constexpr int kHoldSteps = 100, kCalmSteps = 15, kSettleAfterDrop = 90, kWaitEmpty = 34;
constexpr double kShake_m = 0.015, kShakeOff_m = 0.010, kShakePeriod_s = 0.33;
constexpr double kJammed_m = 0.01;  // short of the full opening
constexpr double kAtRest_mps = 0.025;
constexpr int kFineImage_px = 256;
constexpr Vec3 kArmParkBelowTop_m = {0, -0.36, 0.42};

double SmallestExtent(const objects::ObjectSpec& object) {
  const Vec3 size_m = ExtentsOf(object).size_m();
  return std::min({size_m[0], size_m[1], size_m[2]});
}

// Settings that an episode records where they are not what is usual.
constexpr std::array<std::string_view, 8> kConditions = {
    "camera_error", "camera_blur", "camera_hue_deg", "light",
    "object_mass",  "friction",    "grip_force",     "action_delay_s"};

constexpr double kErrorOfH3 = 0.5;  // of its camera (docs/TASK.md, "Objects")

constexpr Motion kCarry = {1.0, 8, 4, 50, true};
constexpr Motion kHurry = {1.6, 16, 4, 50, false};  // with empty fingers

View ViewOf(const SceneConfig& config) {
  View view = FitView(config.camera, config.task, ImageSizeOf(config));
  // Behind the bin, where the gripper parks below the camera `top`, is too far from the arm.
  if (config.arm != ArmKind::kNone && config.camera == Camera::kTop) {
    view.park_p_m = kArmParkBelowTop_m;
  }
  return view;
}

LooksLevel LooksOf(const SceneConfig& config, const ObjectSet& set) {
  if (config.looks != LooksLevel::kAuto) return config.looks;
  return set.strong_looks ? LooksLevel::kStrong : LooksLevel::kMild;
}

class MujocoRobot final : public SimRobot {
 public:
  MujocoRobot(const SceneConfig& config, ObjectSet set)
      : config_(config),
        image_size_(ImageSizeOf(config)),
        set_(std::move(set)),
        view_(ViewOf(config)),
        looks_(LooksOf(config, set_)),
        disturber_(config.disturb),
        nuisances_(config) {}

  Status NewBin(uint64_t seed) override;
  Status StartEpisode(uint64_t seed) override;
  Result<Observation> Observe() override;
  Status Act(const Action& action) override;
  Result<robot::DropTest> Finish() override;

  void SetClock(int64_t start_stamp_ns) override { start_stamp_ns_ = start_stamp_ns; }
  robot::Fault fault() const override { return fault_; }
  int64_t stamp_ns() const override { return stamp_ns_; }
  GripperState gripper() const override { return cell_ ? cell_->gripper() : GripperState{}; }
  double time_s() const override { return kTimestep_s * double(num_physics_steps()); }
  robot::SimCounters counters() const override {
    return {num_physics_steps(), num_settle_steps_, num_renders_};
  }
  uint64_t num_returned_objects() const override { return num_returned_; }
  std::vector<ObjectTruth> objects() const override;
  std::string env() const override { return std::string("mujoco/") + MujocoVersion(); }
  std::string env_config() const override;

  // Compiles a bin and the renderer once, so that Create can report what is missing.
  Status Prepare();

 private:
  // Whatever goes wrong in here is the scene's fault.
  template <typename T>
  T Note(T outcome) {
    if (!outcome.ok()) fault_ = robot::Fault::kScene;
    return outcome;
  }
  int64_t NextStamp() const;
  uint64_t num_physics_steps() const { return steps_before_ + (cell_ ? cell_->num_steps() : 0); }
  Status FillBin(uint64_t seed);
  Status GoToStart(uint64_t seed);
  Result<Observation> Look();
  Status Do(const Action& action);
  Result<robot::DropTest> TestByDropping();
  void StampEvidence(std::vector<EvidenceFrame>& evidence);
  Status ReplaceCell(SceneSpec scene);
  bool IsAtRest() const;
  Status Settle(int at_least, int at_most);
  Status AwaitRest();
  Status Execute(const Action& action);
  void NoteTried();
  Status ReturnStrays(RandomStream& rng);
  Status Park(const Motion& motion);
  bool GripperTouchesAny() const;
  void GoHome(RandomStream& rng);
  int FindHeld() const;
  Status AddEvidence(const char* name, const CameraModel& camera, robot::DropTest& test);
  Status AddGripperView(const char* name, const CameraModel& camera, robot::DropTest& test);
  Status ReturnByDropping(double height_m, RandomStream& rng);
  Status ShakeOff();
  Status ReturnByTruth(int held, RandomStream& rng);
  Status Remove(size_t k);
  EncodedImage RenderFrame(const CameraModel& camera);
  // A camera that rides on the gripper, where it is now.
  CameraModel FromGripper(const CameraModel& camera) const;
  // The same for what observes, if it does.
  CameraModel InWorld(const CameraModel& camera) const;

  SceneConfig config_;
  ImageSize image_size_;
  ObjectSet set_;
  View view_;
  LooksLevel looks_;
  Disturber disturber_;
  Nuisances nuisances_;
  // What is recorded; what it is in this bin; what renders now, after a bump. On the gripper: X_GC.
  CameraModel recorded_camera_, true_camera_, rendering_camera_;
  CameraModel evidence_camera_;  // of a camera on the gripper
  CameraModel gripper_camera_;   // X_GC, of one that is not: what takes the gripper's view
  std::unique_ptr<Renderer> renderer_;
  std::unique_ptr<Cell> cell_;
  robot::Fault fault_ = robot::Fault::kNone;
  int64_t start_stamp_ns_ = 0;
  double start_time_s_ = 0;  // when the episode started
  int64_t stamp_ns_ = 0;
  bool in_episode_ = false;
  uint64_t episode_seed_ = 0;
  size_t episode_objects_ = 0;  // in the bin when the episode started
  double tried_size_m_ = 0;     // of the object that the gripper closed at last; 0: it never closed
  uint32_t step_ = 0;
  uint64_t steps_before_ = 0, num_settle_steps_ = 0, num_renders_ = 0, num_returned_ = 0;
};

Status MujocoRobot::ReplaceCell(SceneSpec scene) {
  if (cell_) steps_before_ += cell_->num_steps();
  cell_.reset();
  scene.arm = config_.arm != ArmKind::kNone;
  scene.looks.shadows = HasShadows(config_);
  scene.looks.fine = std::max(image_size_.width_px, image_size_.height_px) >= kFineImage_px;
  for (Light& light : scene.looks.lights) {
    light.ambient_rgb = config_.light * light.ambient_rgb;
    light.diffuse_rgb = config_.light * light.diffuse_rgb;
  }
  for (objects::ObjectSpec& object : scene.objects) object.mass_kg *= config_.object_mass;
  scene.friction_factor = config_.friction;
  scene.grip_factor = config_.grip_force;
  QT_ASSIGN(cell_, Cell::Create(std::move(scene), view_.park_p_m));
  if (renderer_) renderer_->Load(cell_->model());
  return Ok();
}

Status MujocoRobot::Prepare() {
  // The renderer has room for textures only if the first scene has some.
  const LooksLevel richest = looks_ == LooksLevel::kMixed ? LooksLevel::kStrong : looks_;
  QT_TRY(ReplaceCell(DrawScene(set_, 1, 1, 0, richest)));
  QT_ASSIGN(renderer_,
            Renderer::Create(cell_->model(), image_size_.width_px, image_size_.height_px));
  cell_.reset();
  return Ok();
}

Status MujocoRobot::NewBin(uint64_t seed) {
  fault_ = robot::Fault::kNone;
  return Note(FillBin(seed));
}

Status MujocoRobot::StartEpisode(uint64_t seed) {
  QT_TRY(Note(GoToStart(seed)));
  start_time_s_ = time_s();
  stamp_ns_ = start_stamp_ns_ - 1;
  return Ok();
}

Result<Observation> MujocoRobot::Observe() {
  Result<Observation> observation = Note(Look());
  if (observation.ok()) stamp_ns_ = NextStamp();
  return observation;
}

Status MujocoRobot::Act(const Action& action) { return Note(Do(action)); }

Result<robot::DropTest> MujocoRobot::Finish() {
  Result<robot::DropTest> test = Note(TestByDropping());
  if (test.ok()) StampEvidence(test->evidence);
  return test;
}

// Stamps follow the simulated time, and increase even where no time has passed. Whole microseconds:
// the clock runs over the robot's whole life, and its rounding must not show.
int64_t MujocoRobot::NextStamp() const {
  const int64_t elapsed_ns = std::llround((time_s() - start_time_s_) * 1e6) * 1000;
  return std::max(stamp_ns_ + 1, start_stamp_ns_ + elapsed_ns);
}

// Evenly between the last observation and now, when the last frame has been taken.
void MujocoRobot::StampEvidence(std::vector<EvidenceFrame>& evidence) {
  const int64_t end_ns = NextStamp();
  const int64_t count = int64_t(evidence.size());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t stamp_ns = stamp_ns_ + (end_ns - stamp_ns_) * (i + 1) / count;
    evidence[size_t(i)].stamp_ns = std::max(stamp_ns, stamp_ns_ + i + 1);
  }
  if (count > 0) stamp_ns_ = evidence.back().stamp_ns;
}

Status MujocoRobot::FillBin(uint64_t seed) {
  in_episode_ = false;
  QT_TRY(ReplaceCell(DrawScene(set_, config_.min_objects, config_.max_objects, seed, looks_)));
  RandomStream camera_rng(seed, "sim.camera");
  recorded_camera_ = config_.camera_jitter > 0
                         ? Jitter(view_.camera, config_.camera_jitter, camera_rng)
                         : view_.camera;
  const double error = std::max(config_.camera_error, set_.strong_looks ? kErrorOfH3 : 0.0);
  true_camera_ = error > 0 ? Jitter(recorded_camera_, error, camera_rng) : recorded_camera_;
  evidence_camera_ = config_.camera_jitter > 0
                         ? Jitter(view_.evidence_camera, config_.camera_jitter, camera_rng)
                         : view_.evidence_camera;
  RandomStream gripper_rng(seed, "sim.gripper_camera");
  gripper_camera_ = config_.camera_jitter > 0
                        ? Jitter(view_.gripper_camera, config_.camera_jitter, gripper_rng)
                        : view_.gripper_camera;
  RandomStream rng(seed, "sim.drop");
  std::vector<bool> placed(cell_->num_objects(), false);
  for (size_t k = 0; k < placed.size(); ++k) {
    DropIn(*cell_, k, placed, rng);
    placed[k] = true;
  }
  Status status = Settle(100, 500);
  for (int i = 0; i < 3 && status.ok(); ++i) status = ReturnStrays(rng);
  for (size_t k = 0; status.ok() && k < placed.size(); ++k) {
    if (IsOutside(*cell_, k)) status = Failed("an object does not stay in the bin");
  }
  if (!status.ok()) {
    steps_before_ += cell_->num_steps();
    cell_.reset();
    return status;
  }
  cell_->StopObjects();
  return Ok();
}

bool MujocoRobot::IsAtRest() const {
  for (size_t k = 0; k < cell_->num_objects(); ++k) {
    if (cell_->object_speed_mps(k) >= kAtRest_mps) return false;
  }
  return true;
}

// Steps until every object rests, or at_most steps are over.
Status MujocoRobot::Settle(int at_least, int at_most) {
  constexpr int kChunk = 20;
  for (int done = 0; done < at_most; done += kChunk) {
    num_settle_steps_ += kChunk;
    QT_TRY(cell_->Step(kChunk));
    if (done + kChunk >= at_least && IsAtRest()) break;
  }
  return Ok();
}

// What the gripper stirred up or let go of comes to rest before a picture is taken: a label is read
// off the difference of two.
Status MujocoRobot::AwaitRest() {
  constexpr int kChunk = 10, kAtMost = 200;
  for (int done = 0; done < kAtMost && !IsAtRest(); done += kChunk) QT_TRY(cell_->Step(kChunk));
  return Ok();
}

Status MujocoRobot::ReturnStrays(RandomStream& rng) {
  std::vector<bool> placed(cell_->num_objects());
  bool any = false;
  for (size_t k = 0; k < placed.size(); ++k) placed[k] = !IsOutside(*cell_, k);
  for (size_t k = 0; k < placed.size(); ++k) {
    if (placed[k]) continue;
    DropIn(*cell_, k, placed, rng);
    placed[k] = any = true;
    ++num_returned_;
  }
  return any ? Settle(60, 200) : Ok();
}

// Out of view, by way of a height above everything in the bin.
Status MujocoRobot::Park(const Motion& motion) {
  GripperPose pose = cell_->pose();
  if (pose.p_m[2] < kClearHeight_m - 0.02) {
    pose.p_m[2] = kClearHeight_m;
    Motion up = motion;
    up.wait = false;
    QT_TRY(cell_->MoveTo(pose, up));
  }
  return cell_->MoveTo({view_.park_p_m, pose.yaw_rad}, motion);
}

bool MujocoRobot::GripperTouchesAny() const {
  for (size_t k = 0; k < cell_->num_objects(); ++k) {
    if (cell_->TouchesGripper(k)) return true;
  }
  return false;
}

// Nothing lies at home's height, except a high pile: then another place is tried.
void MujocoRobot::GoHome(RandomStream& rng) {
  for (int i = 0; i < 10; ++i) {
    const Vec3 p_m = {rng.Uniform(-kHomeXy_m, kHomeXy_m), rng.Uniform(-kHomeXy_m, kHomeXy_m),
                      kHomeHeight_m + rng.Uniform(-kHomeHeightSpread_m, kHomeHeightSpread_m)};
    cell_->Teleport({p_m, rng.Uniform(-pi, pi)});
    if (!GripperTouchesAny()) return;
  }
}

Status MujocoRobot::GoToStart(uint64_t seed) {
  if (!cell_) return Failed("no bin: it was never made, or it went unstable");
  RandomStream rng(seed, "sim.home");
  if (in_episode_) {  // the last episode was not finished
    QT_TRY(cell_->SetFingers(true));
    QT_TRY(Park(kHurry));
  }
  QT_TRY(ReturnStrays(rng));
  GoHome(rng);
  rendering_camera_ = true_camera_;
  if (config_.light_drift > 0) cell_->SetLight({});
  disturber_.StartEpisode(seed, *cell_);
  nuisances_.StartEpisode(seed);
  in_episode_ = true;
  episode_seed_ = seed;
  episode_objects_ = cell_->num_objects();
  tried_size_m_ = 0;
  step_ = 0;
  return Ok();
}

CameraModel MujocoRobot::InWorld(const CameraModel& camera) const {
  return view_.on_gripper ? FromGripper(camera) : camera;
}

CameraModel MujocoRobot::FromGripper(const CameraModel& camera) const {
  const GripperPose gripper = cell_->pose();
  CameraModel moved = camera;
  moved.X_WC =
      objects::Compose({gripper.p_m, objects::AxisAngle({0, 0, 1}, gripper.yaw_rad)}, camera.X_WC);
  return moved;
}

EncodedImage MujocoRobot::RenderFrame(const CameraModel& camera) {
  mj_kinematics(cell_->model(), cell_->data());
  ++num_renders_;
  return nuisances_.Record(renderer_->Render(cell_->model(), cell_->data(), camera));
}

Result<Observation> MujocoRobot::Look() {
  if (!cell_ || !in_episode_) return Failed("no episode has started");
  return Observation{{InWorld(recorded_camera_), cell_->gripper(), step_},
                     RenderFrame(InWorld(rendering_camera_))};
}

Status MujocoRobot::Do(const Action& wanted) {
  if (!cell_ || !in_episode_) return Failed("no episode has started");
  const Action action = ClipAction(wanted, config_.task);
  QT_TRY(disturber_.BeforeAction(step_, action, config_.task, *cell_, rendering_camera_));
  if (config_.action_delay_s > 0) QT_TRY(cell_->Step(StepsOf(config_.action_delay_s)));
  QT_TRY(Execute(action));
  return disturber_.AfterAction(step_++, *cell_);
}

Status MujocoRobot::Execute(const Action& action) {
  switch (action.Kind()) {
    case ActionKind::kTerminate:
      return Ok();
    case ActionKind::kOpen:
      return cell_->SetFingers(true);
    case ActionKind::kClose:
      NoteTried();
      return cell_->SetFingers(false);
    case ActionKind::kMove:
      break;
  }
  const GripperTarget target = TargetOf(cell_->gripper(), action, config_.task);
  return cell_->MoveTo(
      {{target.x_m, target.y_m, target.height_m}, cell_->pose().yaw_rad + action.dyaw_rad()},
      Motion{});
}

// A close is an attempt at the object nearest to the finger tips.
void MujocoRobot::NoteTried() {
  double nearest_m = std::numeric_limits<double>::infinity();
  for (size_t k = 0; cell_->commanded_open() && k < cell_->num_objects(); ++k) {
    const double distance_m = Norm(cell_->object_com_m(k) - cell_->pose().p_m);
    if (distance_m >= nearest_m) continue;
    nearest_m = distance_m;
    tried_size_m_ = SmallestExtent(cell_->scene().objects[k]);
  }
}

// The object that is up there with the gripper and moves with it, or -1.
int MujocoRobot::FindHeld() const {
  for (size_t k = 0; k < cell_->num_objects(); ++k) {
    const bool high = cell_->object_com_m(k)[2] > kHeldHeight_m;
    if (high && cell_->TouchesGripper(k) && cell_->object_speed_mps(k) < 0.3) return int(k);
  }
  return -1;
}

Status MujocoRobot::AddEvidence(const char* name, const CameraModel& camera,
                                robot::DropTest& test) {
  if (!config_.drop_test) return Ok();
  QT_TRY(AwaitRest());
  test.evidence.push_back({name, 0, RenderFrame(camera)});
  return Ok();
}

// Closed on what they hold, or on nothing: the fingers themselves then tell, too. They stay closed.
Status MujocoRobot::AddGripperView(const char* name, const CameraModel& camera,
                                   robot::DropTest& test) {
  if (!config_.drop_test || !config_.gripper_view) return Ok();
  if (cell_->commanded_open()) QT_TRY(cell_->SetFingers(false));
  return AddEvidence(name, FromGripper(camera), test);
}

// Open fingers may be jammed inside what they held: a ring, a handle, a channel. Put down, slack,
// and shaken, they come free.
Status MujocoRobot::ShakeOff() {
  GripperPose down = cell_->pose();
  down.p_m[2] = config_.task.min_height_m;
  QT_TRY(cell_->MoveTo(down, Motion{}));
  cell_->SlackenFingers();
  QT_TRY(cell_->Shake(kShakeOff_m, kShakePeriod_s));
  GripperPose up = cell_->pose();
  up.p_m[2] = kClearHeight_m;
  QT_TRY(cell_->MoveTo(up, Motion{}));
  return cell_->SetFingers(true);
}

// Down to a height over a random place of the bin, open, and out of view again.
Status MujocoRobot::ReturnByDropping(double height_m, RandomStream& rng) {
  const double x_m = rng.Uniform(-kDropXy_m, kDropXy_m), y_m = rng.Uniform(-kDropXy_m, kDropXy_m);
  const double yaw_rad = cell_->pose().yaw_rad;
  QT_TRY(cell_->MoveTo({{x_m, y_m, height_m}, yaw_rad}, kCarry));
  QT_TRY(cell_->SetFingers(true));
  if (cell_->measured_opening_m() < kOpening_m - kJammed_m) QT_TRY(ShakeOff());
  QT_TRY(Park(kHurry));
  return cell_->Step(kSettleAfterDrop);
}

// The cheap way back: the object is put over the bin and falls in.
Status MujocoRobot::ReturnByTruth(int held, RandomStream& rng) {
  cell_->Teleport({view_.park_p_m, 0});
  if (held < 0) return Ok();
  std::vector<bool> placed(cell_->num_objects(), true);
  DropIn(*cell_, size_t(held), placed, rng);
  return Settle(60, 150);
}

// The bin goes on without object k, all else being where it was.
Status MujocoRobot::Remove(size_t k) {
  SceneSpec scene = cell_->scene();
  scene.objects.erase(scene.objects.begin() + static_cast<ptrdiff_t>(k));
  std::vector<Pose> X_WO;
  for (size_t i = 0; i < cell_->num_objects(); ++i) {
    if (i != k) X_WO.push_back(cell_->object_pose(i));
  }
  QT_TRY(ReplaceCell(std::move(scene)));
  for (size_t i = 0; i < X_WO.size(); ++i) cell_->PlaceObject(i, X_WO[i]);
  return Ok();
}

Result<robot::DropTest> MujocoRobot::TestByDropping() {
  if (!cell_ || !in_episode_) return Failed("no episode has started");
  RandomStream rng(episode_seed_, "sim.finish");
  robot::DropTest test;
  // Only what was lifted counts: below the threshold the gripper opens where it is. That is how the
  // height enters the label that is read off the pictures.
  const bool lifted = cell_->gripper().height_m > config_.task.terminate_height_m;
  if (!lifted) QT_TRY(cell_->SetFingers(true));
  const auto feels_empty = [this] { return cell_->measured_opening_m() < kEmptyOpening_m; };
  const bool empty = cell_->commanded_open() || feels_empty();
  QT_TRY(Park(empty ? kHurry : kCarry));
  int held = -1;
  if (!empty) {
    QT_TRY(cell_->Step(kHoldSteps));
    QT_TRY(cell_->Shake(kShake_m, kShakePeriod_s));
    QT_TRY(cell_->Step(kCalmSteps));
    QT_TRY(AwaitRest());
    held = FindHeld();
  }
  Truth truth{.success = held >= 0, .tried_size_m = tried_size_m_};
  if (held >= 0) truth.held_size_m = SmallestExtent(cell_->scene().objects[held]);
  CameraModel camera = view_.on_gripper ? evidence_camera_ : rendering_camera_;
  CameraModel gripper_camera = view_.on_gripper ? rendering_camera_ : gripper_camera_;
  QT_TRY(AddEvidence("before_drop", camera, test));
  QT_TRY(AddGripperView("gripper_before", gripper_camera, test));
  if (config_.remove_held && held >= 0) {
    QT_TRY(Remove(size_t(held)));
  } else if (!config_.drop_test) {
    QT_TRY(ReturnByTruth(held, rng));
  } else if (empty) {
    QT_TRY(cell_->Step(kWaitEmpty));
  } else {
    // A thin edge may still be between pads that feel empty. If there is none, nothing that lies in
    // the bin may be touched.
    QT_TRY(ReturnByDropping(feels_empty() ? kHighDrop_m : kDropHeight_m, rng));
  }
  nuisances_.BetweenEvidence(*cell_, camera, gripper_camera);
  QT_TRY(AddEvidence("after_drop", camera, test));
  QT_TRY(AddGripperView("gripper_after", gripper_camera, test));
  in_episode_ = false;
  truth.num_objects = static_cast<int>(episode_objects_);
  truth.disturbed = disturber_.applied();
  test.truth_config = json::Dump({{"held_size_m", truth.held_size_m}});
  test.truth = truth;
  return test;
}

std::vector<ObjectTruth> MujocoRobot::objects() const {
  std::vector<ObjectTruth> truths;
  if (!cell_) return truths;
  std::vector<Pose> X_WO;
  for (size_t k = 0; k < cell_->num_objects(); ++k) X_WO.push_back(cell_->object_pose(k));
  for (size_t k = 0; k < X_WO.size(); ++k) {
    ObjectTruth truth{.X_WO = X_WO[k], .family = cell_->scene().objects[k].family};
    const auto grasp = FindTruthGrasp(cell_->scene().objects, X_WO, k, config_.task);
    if (grasp) {
      const Mat3 R_WO = ToMatrix(X_WO[k].q);
      truth.graspable = true;
      truth.neck_width_m = grasp->width_m;
      truth.neck_p_O_m = RotateBack(R_WO, grasp->p_W_m - X_WO[k].p_m);
      truth.neck_yaw_O_rad = WrapAngle(grasp->yaw_rad - std::atan2(R_WO[1][0], R_WO[0][0]));
      truth.grasp_p_W_m = grasp->p_W_m;
      truth.grasp_yaw_W_rad = grasp->yaw_rad;
      truth.grasp_score = grasp->score;
    }
    truths.push_back(truth);
  }
  return truths;
}

std::string MujocoRobot::env_config() const {
  Json config = json::Write(
      config_, {"objects", "min_objects", "max_objects", "camera", "camera_jitter", "looks",
                "shadows", "camera_noise", "light_drift", "bump", "drop_test"});
  for (const Difference& changed : Differences(SceneConfig(), config_)) {
    if (std::ranges::count(kConditions, changed.name) == 0) continue;
    config.update(json::Write(config_, {changed.name}));
  }
  config["objects"] = set_.name;
  config["shadows"] = HasShadows(config_);
  config["image_width_px"] = image_size_.width_px;
  config["image_height_px"] = image_size_.height_px;
  config["timestep_s"] = kTimestep_s;
  config["task"] = json::ToJson(config_.task);
  config["num_objects"] = episode_objects_;
  if (tried_size_m_ > 0) config["tried_size_m"] = tried_size_m_;
  if (config_.remove_held) config["remove_held"] = true;
  if (view_.on_gripper) config["evidence_camera"] = json::ToJson(evidence_camera_);
  if (config_.drop_test && config_.gripper_view) {
    config["gripper_camera"] = json::ToJson(view_.on_gripper ? recorded_camera_ : gripper_camera_);
  }
  if (config_.arm != ArmKind::kNone) config["arm"] = EnumName(config_.arm);
  if (!disturber_.record().is_null()) config["disturbance"] = disturber_.record();
  if (set_.library) config["objects_digest"] = set_.library->digest;
  if (!nuisances_.record().is_null()) config["drawn"] = nuisances_.record();
  if (looks_ == LooksLevel::kMixed && cell_) {
    config["drawn"]["looks"] = EnumName(cell_->scene().looks.level);
  }
  return json::Dump(config);
}

}  // namespace

Result<std::unique_ptr<SimRobot>> SimRobot::Create(const SceneConfig& config) {
  QT_TRY(CheckScene(config));
  ObjectSet set;
  if (config.library) {
    set = OwnObjects(config.library);
  } else {
    QT_ASSIGN(set, ParseObjectSet(config.objects));
  }
  auto robot = std::make_unique<MujocoRobot>(config, std::move(set));
  QT_TRY(robot->Prepare());
  return std::unique_ptr<SimRobot>(std::move(robot));
}

robot::RobotFactory SimRobotFactory(const SceneConfig& config) {
  return [config](const robot::RobotContext&) -> Result<std::unique_ptr<robot::Robot>> {
    QT_ASSIGN(std::unique_ptr<SimRobot> robot, SimRobot::Create(config));
    return std::unique_ptr<robot::Robot>(std::move(robot));
  };
}

const char* MujocoVersion() { return mj_versionString(); }

}  // namespace qt::sim
