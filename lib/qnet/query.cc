#include "qnet/query.h"

#include <algorithm>

namespace qt::qnet {

QueryShape QueryShapeOf(const NetworkConfig& config) {
  return {config.merge == Merge::kAligned ? kNumPoints : 0, kNumScalars};
}

void WriteQuery(const Observation& observation, const Action& action, const TaskConfig& task,
                const NetworkConfig& config, const View& view, float* grid_K2, float* scalars_S) {
  if (QueryShapeOf(config).num_points > 0) {
    const auto pixels_K2 = MakePoints(observation, action, task, view.symmetry);
    for (int k = 0; k < kNumPoints; ++k) {
      grid_K2[2 * k] = PixelToGrid(pixels_K2[2 * k] + view.shift_u_px, config.image_width_px);
      grid_K2[2 * k + 1] =
          PixelToGrid(pixels_K2[2 * k + 1] + view.shift_v_px, config.image_height_px);
    }
  }
  const auto scalars =
      MakeScalars(observation, action, task, config.state_input, view.symmetry.mirror);
  std::copy(scalars.begin(), scalars.end(), scalars_S);
}

}  // namespace qt::qnet
