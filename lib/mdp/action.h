// SPDX-License-Identifier: Apache-2.0
// The paper's action (section 5, App. D.2): its numbers, their names and their order.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace qt {

// How many numbers an action is. Files and messages hold them in this order.
inline constexpr size_t kActionNumbers = 8;
using ActionNumbers = std::array<float, kActionNumbers>;
inline constexpr std::array<const char*, kActionNumbers> kActionNames = {
    "dx_m", "dy_m", "dz_m", "sin_dyaw", "cos_dyaw", "open", "close", "terminate"};

// Exactly one of move, open, close, terminate is meant; see Kind().
enum class ActionKind : uint8_t { kMove, kOpen, kClose, kTerminate };

struct Action {
  float dx_m = 0, dy_m = 0, dz_m = 0;        // displacement of the gripper in the world frame
  float sin_dyaw = 0, cos_dyaw = 1;          // change of yaw
  float open = 0, close = 0, terminate = 0;  // 0 or 1

  float dyaw_rad() const { return std::atan2(sin_dyaw, cos_dyaw); }

  // Terminate wins over close, close over open; none of them is a motion.
  ActionKind Kind() const {
    if (terminate > 0.5f) return ActionKind::kTerminate;
    if (close > 0.5f) return ActionKind::kClose;
    if (open > 0.5f) return ActionKind::kOpen;
    return ActionKind::kMove;
  }

  ActionNumbers ToArray() const {
    return {dx_m, dy_m, dz_m, sin_dyaw, cos_dyaw, open, close, terminate};
  }
  static Action FromArray(const ActionNumbers& a) {
    return {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
  }
  static Action Move(double dx_m, double dy_m, double dz_m, double dyaw_rad) {
    return {float(dx_m),
            float(dy_m),
            float(dz_m),
            float(std::sin(dyaw_rad)),
            float(std::cos(dyaw_rad)),
            0,
            0,
            0};
  }
  static Action Open() { return {0, 0, 0, 0, 1, 1, 0, 0}; }
  static Action Close() { return {0, 0, 0, 0, 1, 0, 1, 0}; }
  static Action Terminate() { return {0, 0, 0, 0, 1, 0, 0, 1}; }
};

}  // namespace qt
