// SPDX-License-Identifier: Apache-2.0
// Stepping and gripper control. The gripper's joints come first in the model: x, y, z, yaw (or the
// arm's seven), left, right; its actuators have the same order.
#include "sim/cell.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numbers>
#include <string>

#include "base/check.h"
#include "base/log.h"
#include "sim/mujoco_error.h"
#include "sim/pages.h"

namespace qt::sim {
namespace {

enum FloatingJoint { kX, kY, kZ, kYaw, kFloatingJoints };

constexpr double kCloseForce_n = 8, kOpenForce_n = -5;
constexpr double kAbsurdSpeed_mps = 15;
constexpr double kBlocked_m = 0.03, kBlocked_rad = 0.35;
constexpr double kArrived_m = 0.0015, kArrived_rad = 0.015;
constexpr double kStill_mps = 0.01;

// MuJoCo's default handlers write MUJOCO_LOG.TXT into the working directory.
void InstallHandlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    mju_user_malloc = AllocatePages;
    mju_user_free = FreePages;
    mju_user_warning = [](const char* text) { LogDebug(std::string("mujoco: ") + text); };
    mju_user_error = [](const char* text) { throw MujocoError(std::string("MuJoCo: ") + text); };
  });
}

// The compiler keeps process-wide state.
mjModel* Compile(const std::string& xml, std::string& error) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const auto vfs = std::make_unique<mjVFS>();
  mj_defaultVFS(vfs.get());
  mj_makeEmptyFileVFS(vfs.get(), "bin.xml", int(xml.size()));
  std::memcpy(vfs->filedata[mj_findFileVFS(vfs.get(), "bin.xml")], xml.data(), xml.size());
  char text[500] = "";
  mjModel* model = mj_loadXML("bin.xml", vfs.get(), text, sizeof text);
  mj_deleteVFS(vfs.get());
  error = text;
  return model;
}

// Speed along a path of length `way` that starts and ends at rest, at most `speed`.
class Trapezoid {
 public:
  Trapezoid(double way, double speed, double acceleration)
      : way_(way),
        acceleration_(acceleration),
        speed_(std::min(speed, std::sqrt(way * acceleration))) {
    ramp_s_ = speed_ > 0 ? speed_ / acceleration_ : 0;
    duration_s_ = speed_ > 0 ? way_ / speed_ + ramp_s_ : 0;
  }
  double duration_s() const { return duration_s_; }
  double way() const { return way_; }
  double Position(double t_s) const {
    if (t_s >= duration_s_) return way_;
    if (t_s < ramp_s_) return 0.5 * acceleration_ * t_s * t_s;
    const double left_s = duration_s_ - t_s;
    if (left_s < ramp_s_) return way_ - 0.5 * acceleration_ * left_s * left_s;
    return 0.5 * acceleration_ * ramp_s_ * ramp_s_ + speed_ * (t_s - ramp_s_);
  }

 private:
  double way_, acceleration_, speed_, ramp_s_, duration_s_;
};

// Square pictures; a cube's six are below one another.
void PaintTextures(mjModel* model, const std::vector<Pattern>& patterns) {
  for (int t = 0; t < model->ntex; ++t) {
    const int side = model->tex_width[t];
    mjtByte* rgb = model->tex_rgb + model->tex_adr[t];
    for (int row = 0; row < model->tex_height[t]; ++row) {
      for (int column = 0; column < side; ++column, rgb += 3) {
        const double value = ValueAt(patterns[size_t(t)], (column + 0.5) / side,
                                     (row % side + 0.5) / side, row / side);
        std::fill_n(rgb, 3, mjtByte(std::lround(255 * value)));
      }
    }
  }
}

}  // namespace

int StepsOf(double time_s) { return int(std::ceil(time_s / kTimestep_s)); }

Result<std::unique_ptr<Cell>> Cell::Create(SceneSpec scene, const Vec3& park_m) {
  InstallHandlers();
  try {
    return Build(std::move(scene), park_m);
  } catch (const MujocoError& error) {
    return Failed(error.what());
  }
}

Result<std::unique_ptr<Cell>> Cell::Build(SceneSpec scene, const Vec3& park_m) {
  std::unique_ptr<Cell> cell(new Cell);
  cell->scene_ = std::move(scene);
  std::string error;
  cell->model_.reset(Compile(ToXml(cell->scene_), error));
  if (!cell->model_) return Failed("MuJoCo refuses the scene: " + error);
  PaintTextures(cell->model_.get(), cell->scene_.looks.patterns);
  mjModel* model = cell->model_.get();
  for (int geom = 0; geom < model->ngeom; ++geom) {
    mju_scl3(model->geom_friction + 3 * geom, model->geom_friction + 3 * geom,
             cell->scene_.friction_factor);
  }
  cell->data_.reset(mj_makeData(model));
  if (!cell->data_) return Failed("no memory for the MuJoCo state");
  for (size_t k = 0; k < cell->num_objects(); ++k) {
    const int body = mj_name2id(model, mjOBJ_BODY, ("object" + std::to_string(k)).c_str());
    const int joint = model->body_jntadr[body];
    cell->body_of_object_.push_back(body);
    cell->qpos_of_object_.push_back(model->jnt_qposadr[joint]);
    cell->dof_of_object_.push_back(model->jnt_dofadr[joint]);
  }
  cell->weight_n_ =
      -model->opt.gravity[2] * model->body_subtreemass[mj_name2id(model, mjOBJ_BODY, "gripper")];
  if (cell->scene_.arm) cell->arm_.emplace();
  cell->left_ = cell->arm_ ? kArmJoints : size_t{kFloatingJoints};
  cell->Teleport({park_m, 0});
  return cell;
}

Status Cell::Step(int n) {
  if (unstable_) return Failed("the scene is unstable");
  data_->ctrl[left_] = data_->ctrl[left_ + 1] = slack_  ? 0.0
                                                : open_ ? kOpenForce_n
                                                        : scene_.grip_factor * kCloseForce_n;
  try {
    for (int i = 0; i < n; ++i) {
      if (arm_) {
        arm_->Step(model_.get(), data_.get());
      } else {
        mj_step(model_.get(), data_.get());
      }
    }
  } catch (const MujocoError& error) {
    unstable_ = true;
    return Failed(error.what());
  }
  num_steps_ += n;
  return CheckHealth();
}

Status Cell::CheckHealth() {
  for (const int warning : {mjWARN_INERTIA, mjWARN_CONTACTFULL, mjWARN_CNSTRFULL, mjWARN_BADQPOS,
                            mjWARN_BADQVEL, mjWARN_BADQACC, mjWARN_BADCTRL}) {
    if (data_->warning[warning].number == 0) continue;
    unstable_ = true;
    return Failed("the scene is unstable: MuJoCo warning " + std::to_string(warning));
  }
  for (size_t k = 0; k < num_objects(); ++k) {
    const mjtNum* v = data_->qvel + dof_of_object_[k];
    const bool sane = std::abs(v[0]) < kAbsurdSpeed_mps && std::abs(v[1]) < kAbsurdSpeed_mps &&
                      std::abs(v[2]) < kAbsurdSpeed_mps;
    if (sane) continue;
    unstable_ = true;
    return Failed("the scene is unstable: object " + std::to_string(k) + " shot away");
  }
  return Ok();
}

void Cell::CommandPose(const GripperPose& pose, const Vec3& velocity_mps, double turn_radps) {
  command_ = pose;
  if (arm_) {
    arm_->Command(pose.p_m, pose.yaw_rad, velocity_mps, turn_radps);
  } else {
    CommandFloating(velocity_mps, turn_radps);
  }
}

void Cell::CommandFloating(const Vec3& velocity_mps, double turn_radps) {
  mjData* data = data_.get();
  for (int axis = 0; axis < 3; ++axis) {
    data->ctrl[axis] = command_.p_m[axis];
    // Feed-forward against the joints' damping: otherwise the gripper lags by 2 cm.
    data->qfrc_applied[axis] = model_->dof_damping[axis] * velocity_mps[axis];
  }
  data->qfrc_applied[kZ] += weight_n_;
  data->ctrl[kYaw] = command_.yaw_rad;
  data->qfrc_applied[kYaw] = model_->dof_damping[kYaw] * turn_radps;
}

bool Cell::IsBlocked() const {
  const GripperPose at = pose();
  for (int axis = 0; axis < 3; ++axis) {
    if (std::abs(command_.p_m[axis] - at.p_m[axis]) > kBlocked_m) return true;
  }
  return std::abs(command_.yaw_rad - at.yaw_rad) > kBlocked_rad;
}

bool Cell::HasArrived(const GripperPose& target) const {
  const GripperPose at = pose();
  const Velocity velocity = this->velocity();
  for (int axis = 0; axis < 3; ++axis) {
    if (std::abs(target.p_m[axis] - at.p_m[axis]) > kArrived_m) return false;
    if (std::abs(velocity.v_mps[axis]) > 2 * kStill_mps) return false;
  }
  return std::abs(target.yaw_rad - at.yaw_rad) < kArrived_rad;
}

// Arrived, or standing still short of the target because something is in the way.
Status Cell::WaitFor(const GripperPose& target) {
  constexpr int kAtMost = 90, kStillSteps = 8;
  int still = 0;
  for (int i = 0; i < kAtMost && still < kStillSteps && !HasArrived(target); ++i) {
    QT_TRY(Step(1));
    const Velocity now = velocity();
    still = Norm(now.v_mps) < kStill_mps && std::abs(now.turn_radps) < 0.05 ? still + 1 : 0;
  }
  return Ok();
}

Status Cell::MoveTo(const GripperPose& wanted, const Motion& motion) {
  GripperPose target = wanted;
  if (arm_) target.yaw_rad = arm_->ReachableYaw(wanted.p_m, wanted.yaw_rad);
  const GripperPose start = command_;
  const Vec3 way = target.p_m - start.p_m;
  const double turn = target.yaw_rad - start.yaw_rad;
  const Trapezoid line(Norm(way), motion.speed_mps, motion.acceleration_mps2);
  const Trapezoid arc(std::abs(turn), motion.turn_radps, motion.turn_acceleration_radps2);
  const int steps = StepsOf(std::max(line.duration_s(), arc.duration_s()));
  double last_s = 0, last_a = 0;
  bool blocked = false;
  for (int i = 1; i <= steps && !blocked; ++i) {
    const double s = line.way() > 0 ? line.Position(i * kTimestep_s) / line.way() : 1;
    const double a = arc.way() > 0 ? arc.Position(i * kTimestep_s) / arc.way() : 1;
    CommandPose({start.p_m + s * way, start.yaw_rad + a * turn}, ((s - last_s) / kTimestep_s) * way,
                (a - last_a) / kTimestep_s * turn);
    last_s = s;
    last_a = a;
    QT_TRY(Step(1));
    blocked = IsBlocked();
  }
  if (!blocked) {
    CommandPose(target, {0, 0, 0}, 0);
    if (motion.wait) QT_TRY(WaitFor(target));
    blocked = motion.wait && !HasArrived(target);
  }
  // What is in the way is not pressed any longer than the motion lasts.
  if (blocked) CommandPose(pose(), {0, 0, 0}, 0);
  return Ok();
}

Status Cell::SetFingers(bool open) {
  constexpr int kAtLeast = 12, kAtMost = 117, kStillSteps = 6;
  open_ = open;
  slack_ = false;
  int still = 0;
  for (int i = 0; i < kAtMost && still < kStillSteps; ++i) {
    QT_TRY(Step(1));
    const double speed_mps = std::abs(data_->qvel[left_]) + std::abs(data_->qvel[left_ + 1]);
    still = i >= kAtLeast && speed_mps < 0.004 ? still + 1 : 0;
  }
  return Ok();
}

Status Cell::Shake(double amplitude_m, double period_s) {
  const GripperPose middle = command_;
  const double omega = 2 * std::numbers::pi / period_s;
  for (int i = 1, n = StepsOf(period_s); i <= n; ++i) {
    const double phase = omega * i * kTimestep_s;
    GripperPose pose = middle;
    pose.p_m[0] += amplitude_m * std::sin(phase);
    CommandPose(pose, {amplitude_m * omega * std::cos(phase), 0, 0}, 0);
    QT_TRY(Step(1));
  }
  CommandPose(middle, {0, 0, 0}, 0);
  return Ok();
}

void Cell::Teleport(const GripperPose& wanted) {
  mjData* data = data_.get();
  data->qpos[left_] = data->qpos[left_ + 1] = 0;
  mju_zero(data->qvel, int(left_) + 2);
  if (arm_) {
    arm_->Teleport(wanted.p_m, wanted.yaw_rad, data);
  } else {
    for (int axis = 0; axis < 3; ++axis) data->qpos[axis] = wanted.p_m[axis];
    data->qpos[kYaw] = wanted.yaw_rad;
  }
  open_ = true;
  slack_ = false;
  CommandPose(arm_ ? pose() : wanted, {0, 0, 0}, 0);
  mj_forward(model_.get(), data);
}

GripperPose Cell::pose() const {
  if (arm_) return {arm_->p_m(), arm_->yaw_rad()};
  const mjtNum* q = data_->qpos;
  return {{q[kX], q[kY], q[kZ]}, q[kYaw]};
}

Cell::Velocity Cell::velocity() const {
  if (arm_) return {arm_->velocity_mps(), arm_->turn_radps()};
  const mjtNum* v = data_->qvel;
  return {{v[kX], v[kY], v[kZ]}, v[kYaw]};
}

double Cell::measured_opening_m() const {
  return kOpening_m - data_->qpos[left_] - data_->qpos[left_ + 1];
}

GripperState Cell::gripper() const {
  const GripperPose at = pose();
  return {
      open_ ? 1.0f : 0.0f,          float(at.p_m[2]),           float(at.p_m[0]), float(at.p_m[1]),
      float(WrapAngle(at.yaw_rad)), float(measured_opening_m())};
}

Pose Cell::object_pose(size_t k) const {
  const mjtNum* q = data_->qpos + qpos_of_object_[k];
  return {{q[0], q[1], q[2]}, {q[3], q[4], q[5], q[6]}};
}

Vec3 Cell::object_com_m(size_t k) const {
  const mjtNum* p = data_->xipos + 3 * body_of_object_[k];
  return {p[0], p[1], p[2]};
}

double Cell::object_speed_mps(size_t k) const {
  const mjtNum* v = data_->qvel + dof_of_object_[k];
  return std::max(Norm({v[0], v[1], v[2]}), 0.03 * Norm({v[3], v[4], v[5]}));
}

void Cell::PlaceObject(size_t k, const Pose& X_WO) {
  mjtNum* q = data_->qpos + qpos_of_object_[k];
  const mjtNum values[7] = {X_WO.p_m[0], X_WO.p_m[1], X_WO.p_m[2], X_WO.q.w,
                            X_WO.q.x,    X_WO.q.y,    X_WO.q.z};
  mju_copy(q, values, 7);
  mju_normalize4(q + 3);
  mju_zero(data_->qvel + dof_of_object_[k], 6);
}

void Cell::StopObjects() {
  for (const int dof : dof_of_object_) mju_zero(data_->qvel + dof, 6);
}

bool Cell::TouchesGripper(size_t k) const {
  for (int i = 0; i < data_->ncon; ++i) {
    const mjContact& contact = data_->contact[i];
    const int a = model_->geom_bodyid[contact.geom1], b = model_->geom_bodyid[contact.geom2];
    if (a != body_of_object_[k] && b != body_of_object_[k]) continue;
    const int other_geom = a == body_of_object_[k] ? contact.geom2 : contact.geom1;
    if (model_->geom_group[other_geom] == 1) return true;
  }
  return false;
}

void Cell::PushObject(size_t k, const Vec3& force_n) {
  mju_copy3(data_->xfrc_applied + 6 * body_of_object_[k], force_n.data());
}

const Cell::Compiled& Cell::compiled() {
  if (compiled_) return *compiled_;
  const mjModel& m = *model_;
  compiled_ = {{m.body_mass, m.body_mass + m.nbody},
               {m.body_inertia, m.body_inertia + 3 * m.nbody},
               {m.dof_damping, m.dof_damping + m.nv},
               {m.light_dir, m.light_dir + 3 * m.nlight},
               {m.light_ambient, m.light_ambient + 3 * m.nlight},
               {m.light_diffuse, m.light_diffuse + 3 * m.nlight}};
  return *compiled_;
}

void Cell::SetMassFactor(double factor) {
  if (factor == mass_factor_) return;
  mass_factor_ = factor;
  const Compiled& base = compiled();
  mjModel* m = model_.get();
  for (size_t k = 0; k < num_objects(); ++k) {
    const int body = body_of_object_[k], dof = dof_of_object_[k];
    m->body_mass[body] = factor * base.body_mass[body];
    mju_scl3(m->body_inertia + 3 * body, &base.body_inertia[3 * body], factor);
    mju_scl(m->dof_damping + dof, &base.dof_damping[dof], factor, 6);
  }
  // What the solver derives from the masses, by way of a state of its own: ours is in use. The
  // scale of the rendered scene stays.
  const mjStatistic stat = m->stat;
  const std::unique_ptr<mjData, FreeModel> scratch(mj_makeData(m));
  QT_CHECK(scratch != nullptr, "no memory for the MuJoCo state");
  mj_setConst(m, scratch.get());
  m->stat = stat;
}

void Cell::SetLight(const LightChange& change) {
  light_ = change;
  const Compiled& base = compiled();
  mjModel* m = model_.get();
  for (int light = 0; light < m->nlight; ++light) {
    for (int i = 3 * light; i < 3 * light + 3; ++i) {
      const int channel = i - 3 * light;
      m->light_ambient[i] = float(change.gain_rgb[channel] * base.light_ambient[i]);
      m->light_diffuse[i] = float(change.gain_rgb[channel] * base.light_diffuse[i]);
      m->light_dir[i] = base.light_direction[i] - change.shift[channel];
    }
    mju_normalize3(m->light_dir + 3 * light);
  }
  mj_camlight(m, data_.get());
}

}  // namespace qt::sim
