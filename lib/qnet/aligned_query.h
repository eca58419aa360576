// SPDX-License-Identifier: Apache-2.0
// What the compact networks are asked about one candidate action: where the gripper would be, as
// points of the image (merge `aligned` only), and the numbers of state and action. Plain
// arithmetic, no tensors.
//
// The points are fixed to the gripper pose that the action commands. Three lie at the height of the
// finger tips (between them and on both pads), fifteen form a grid on a plane just above the bin
// floor under the gripper: five along the axis on which the pads close, three across. At a grasp
// pose the two sets coincide; far above the bin the grid says what lies below.
#pragma once

#include <array>

#include "mdp/camera.h"
#include "mdp/observation.h"
#include "mdp/task.h"

namespace qt::qnet {

inline constexpr int kNumTipPoints = 3;
inline constexpr int kNumPoints = kNumTipPoints + 15;
inline constexpr int kNumStateScalars = 9;
inline constexpr int kNumScalars = kNumStateScalars + 12;

// Which proprioception the network sees (docs/ABLATIONS.md, "State"; paper table 7).
enum class StateInput : uint8_t {
  kFull,   // everything that is recorded
  kPaper,  // opening and height
  kImage,  // nothing but the image
};
constexpr auto NamesOf(StateInput) { return std::array{"full", "paper", "image"}; }

// The two symmetries that leave the value unchanged, for augmentation: the world mirrored in x (the
// image must be flipped left to right as well), and the gripper turned by half a turn.
struct Symmetry {
  bool mirror = false;
  bool half_turn = false;
};

// (u_px, v_px) of each point in the full image. REQUIRES: observation.camera.valid().
std::array<float, kNumPoints * 2> MakePoints(const ObservedState& observation, const Action& action,
                                             const TaskConfig& task, Symmetry symmetry);
// About [-1, 1] each.
std::array<float, kNumScalars> MakeScalars(const ObservedState& observation, const Action& action,
                                           const TaskConfig& task, StateInput state_input,
                                           bool mirror);

}  // namespace qt::qnet
