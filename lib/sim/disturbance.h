// SPDX-License-Identifier: Apache-2.0
// Disturbances of an episode, for evaluation (docs/TASK.md, "Disturbances"): drawn from the
// episode's seed, done at most once, and recorded.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/status.h"
#include "json/json.h"
#include "mdp/action.h"
#include "mdp/camera.h"
#include "mdp/task.h"
#include "sim/cell.h"
#include "sim/scene_config.h"

namespace qt::sim {

class Disturber {
 public:
  explicit Disturber(Disturbance wanted) : wanted_(wanted) {}

  // Undoes what the last episode's left behind, and draws the next one. A heavier object is heavier
  // from now on.
  void StartEpisode(uint64_t seed, Cell& cell);
  // Between looking and acting. `camera` is the one that renders; what is recorded stays.
  Status BeforeAction(uint32_t step, const Action& action, const TaskConfig& task, Cell& cell,
                      CameraModel& camera);
  Status AfterAction(uint32_t step, Cell& cell);

  // null if there is none, else {"kind", "applied", and if so "step" and what was done}.
  const Json& record() const { return record_; }
  bool applied() const { return record_.is_object() && record_.value("applied", false); }

 private:
  Status MoveObject(const Vec3& towards_m, Cell& cell);
  Status KnockOut(size_t k, Cell& cell);
  void Note(uint32_t step);

  const Disturbance wanted_;
  Disturbance kind_ = Disturbance::kNone;
  RandomStream rng_{0};
  uint32_t step_ = 0;  // not before this action
  bool done_ = false;
  Json record_;
};

}  // namespace qt::sim
