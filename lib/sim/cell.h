// SPDX-License-Identifier: Apache-2.0
// One bin in MuJoCo: model, state, stepping, and the motions of its gripper. Internal to lib/sim.
// Knows nothing of episodes, actions or labels.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "mdp/observation.h"
#include "objects/shape.h"
#include "sim/arm_control.h"
#include "sim/scene.h"

namespace qt::sim {

struct GripperPose {
  Vec3 p_m;        // middle of the finger tips
  double yaw_rad;  // not wrapped
};

struct Motion {
  double speed_mps = 0.6, acceleration_mps2 = 8;
  double turn_radps = 4, turn_acceleration_radps2 = 50;
  bool wait = true;  // until the gripper has arrived, not only until the command has
};

// Against the light that the scene was made with.
struct LightChange {
  Vec3 gain_rgb = {1, 1, 1};
  Vec3 shift = {0, 0, 0};  // m, of a light that is 1 m away: turns its direction
};

// Steps of kTimestep_s that it takes at least so long.
int StepsOf(double time_s);

class Cell {
 public:
  // Compiles the scene; the gripper stands open at `park_m`. Fails if MuJoCo refuses the model.
  static Result<std::unique_ptr<Cell>> Create(SceneSpec scene, const Vec3& park_m);

  // `n` steps of kTimestep_s. Fails once the scene is unstable: a MuJoCo warning (bad state, full
  // buffers) or an absurd speed. After that every call fails.
  Status Step(int n);
  // Straight to `target`, velocity-limited; returns when the motion has ended or is blocked. An arm
  // whose joints forbid the yaw takes the one half a turn away.
  Status MoveTo(const GripperPose& target, const Motion& motion);
  // The fingers move until they stop.
  Status SetFingers(bool open);
  // The fingers press neither way, until SetFingers.
  void SlackenFingers() { slack_ = true; }
  // A sideways sine of the gripper: one period of `amplitude_m`.
  Status Shake(double amplitude_m, double period_s);
  // Puts the gripper somewhere, open and at rest; an arm may choose the yaw half a turn away.
  // REQUIRES: nothing is there.
  void Teleport(const GripperPose& pose);

  GripperPose pose() const;
  GripperState gripper() const;
  bool commanded_open() const { return open_; }
  double measured_opening_m() const;

  size_t num_objects() const { return scene_.objects.size(); }
  const SceneSpec& scene() const { return scene_; }
  Pose object_pose(size_t k) const;
  Vec3 object_com_m(size_t k) const;
  // Largest of an object's speeds (m/s), a turn counted at 3 cm from its centre.
  double object_speed_mps(size_t k) const;
  // Puts an object somewhere, at rest.
  void PlaceObject(size_t k, const Pose& X_WO);
  void StopObjects();
  bool TouchesGripper(size_t k) const;
  // A force on an object's centre of mass, in W, until the next call.
  void PushObject(size_t k, const Vec3& force_n);
  // Multiplies the mass of every object as the scene has it.
  void SetMassFactor(double factor);
  void SetLight(const LightChange& change);
  const LightChange& light() const { return light_; }

  mjModel* model() { return model_.get(); }
  mjData* data() { return data_.get(); }
  uint64_t num_steps() const { return num_steps_; }

 private:
  static Result<std::unique_ptr<Cell>> Build(SceneSpec scene, const Vec3& park_m);
  struct Velocity {
    Vec3 v_mps;
    double turn_radps;
  };
  Cell() = default;
  void CommandPose(const GripperPose& pose, const Vec3& velocity_mps, double turn_radps);
  Velocity velocity() const;
  // Moves the command of the floating gripper, whose joints are the pose's coordinates.
  void CommandFloating(const Vec3& velocity_mps, double turn_radps);
  bool IsBlocked() const;
  bool HasArrived(const GripperPose& target) const;
  Status WaitFor(const GripperPose& target);
  Status CheckHealth();

  struct FreeModel {
    void operator()(mjModel* model) const { mj_deleteModel(model); }
    void operator()(mjData* data) const { mj_deleteData(data); }
  };
  SceneSpec scene_;
  std::unique_ptr<mjModel, FreeModel> model_;
  std::unique_ptr<mjData, FreeModel> data_;
  std::vector<int> body_of_object_, qpos_of_object_, dof_of_object_;
  double weight_n_ = 0;  // of the gripper
  std::optional<ArmControl> arm_;
  size_t left_ = 0;  // the left finger's joint and motor; the right one's follow
  GripperPose command_{};
  bool open_ = true;
  bool slack_ = false;
  bool unstable_ = false;
  uint64_t num_steps_ = 0;

  // Numbers of the model as it was compiled, kept so that changes can be undone.
  struct Compiled {
    std::vector<mjtNum> body_mass, body_inertia, dof_damping, light_direction;
    std::vector<float> light_ambient, light_diffuse;
  };
  const Compiled& compiled();
  std::optional<Compiled> compiled_;
  double mass_factor_ = 1;
  LightChange light_;
};

}  // namespace qt::sim
