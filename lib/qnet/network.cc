#include "qnet/network.h"

#include "qnet/compact_net.h"
#include "qnet/grasping44_net.h"

namespace qt::qnet {

NetworkPtr MakeNetwork(const NetworkConfig& config) {
  if (config.architecture == kGrasping44) return std::make_shared<Grasping44Net>(config);
  switch (config.merge) {
    case Merge::kAdd:
      return std::make_shared<AddNet>(config);
    case Merge::kMlp:
      return std::make_shared<MlpNet>(config);
    case Merge::kAligned:
      break;
  }
  return std::make_shared<AlignedNet>(config);
}

}  // namespace qt::qnet
