#include "qnet/network.h"

namespace qt::qnet {

NetworkPtr MakeNetwork(const NetworkConfig& config) { return config.architecture->make(config); }

}  // namespace qt::qnet
