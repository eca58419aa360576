#include "qnet/query.h"

namespace qt::qnet {

View CentreView(const NetworkConfig& config) {
  return {{}, -(RoomX_px(config) / 2), -(RoomY_px(config) / 2)};
}

void WriteQuery(const ObservedState& observation, const Action& action, const TaskConfig& task,
                const NetworkConfig& config, const View& view, float* grid_K2, float* scalars_S) {
  config.architecture->write_query(observation, action, task, config, view, grid_K2, scalars_S);
}

}  // namespace qt::qnet
