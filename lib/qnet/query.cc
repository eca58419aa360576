#include "qnet/query.h"

#include <algorithm>

namespace qt::qnet {

namespace {

// Lengths in units of their bounds (the paper is silent).
void WritePaperScalars(const Observation& observation, const Action& action, const TaskConfig& task,
                       StateInput state_input, bool mirror, float* out) {
  const GripperState& gripper = observation.gripper;
  const double sign = mirror ? -1 : 1;
  const bool has_state = state_input != StateInput::kImage;
  const double scalars[kNumPaperScalars] = {sign * action.dx_m / task.max_dxy_m,
                                            action.dy_m / task.max_dxy_m,
                                            action.dz_m / task.max_dz_m,
                                            sign * action.sin_dyaw,
                                            action.cos_dyaw,
                                            action.close,
                                            action.open,
                                            action.terminate,
                                            has_state ? 1 - gripper.opening : 0.0,
                                            has_state ? gripper.height_m / task.max_height_m : 0.0};
  for (int i = 0; i < kNumPaperScalars; ++i) out[i] = static_cast<float>(scalars[i]);
}

}  // namespace

QueryShape QueryShapeOf(const NetworkConfig& config) {
  if (config.architecture == kGrasping44) return {0, kNumPaperScalars};
  return {config.merge == Merge::kAligned ? kNumPoints : 0, kNumScalars};
}

View CentreView(const NetworkConfig& config) {
  return {{}, -(RoomX_px(config) / 2), -(RoomY_px(config) / 2)};
}

void WriteQuery(const Observation& observation, const Action& action, const TaskConfig& task,
                const NetworkConfig& config, const View& view, float* grid_K2, float* scalars_S) {
  if (config.architecture == kGrasping44) {
    WritePaperScalars(observation, action, task, config.state_input, view.symmetry.mirror,
                      scalars_S);
    return;
  }
  if (QueryShapeOf(config).num_points > 0) {
    const auto pixels_K2 = MakePoints(observation, action, task, view.symmetry);
    for (int k = 0; k < kNumPoints; ++k) {
      grid_K2[2 * k] = PixelToGrid(pixels_K2[2 * k] + static_cast<float>(view.shift_u_px),
                                   config.image_width_px);
      grid_K2[2 * k + 1] = PixelToGrid(pixels_K2[2 * k + 1] + static_cast<float>(view.shift_v_px),
                                       config.image_height_px);
    }
  }
  const auto scalars =
      MakeScalars(observation, action, task, config.state_input, view.symmetry.mirror);
  std::copy(scalars.begin(), scalars.end(), scalars_S);
}

}  // namespace qt::qnet
