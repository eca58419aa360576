// SPDX-License-Identifier: Apache-2.0
// QFunction over a Network. Includes LibTorch: for lib/qnet and lib/train only.
#pragma once

#include <memory>

#include "mdp/task.h"
#include "qnet/network.h"
#include "qnet/network_config.h"
#include "qnet/q_function.h"

namespace qt::qnet {

// The network is used, not copied: whoever trains it must not do so during a call. Calls from
// several threads are safe as long as nobody writes the weights.
class NetworkQFunction : public QFunction {
 public:
  NetworkQFunction(NetworkPtr net, NetworkConfig config, TaskConfig task);

  Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView& image,
                                                    const ObservedState& observed) const override;
  Result<std::vector<std::unique_ptr<EmbeddedState>>> EmbedImages(
      std::span<const RgbView> images, std::span<const ObservedState> observed) const override;
  void Score(const EmbeddedState& state, std::span<const Action> actions,
             std::span<float> q) const override;
  void ScoreAll(std::span<const std::unique_ptr<EmbeddedState>> states,
                std::span<const Action> actions, std::span<float> q) const override;

 private:
  Status Check(const RgbView& image, const ObservedState& observed) const;
  void ScoreBatch(const Features& features, std::span<const ObservedState* const> observed,
                  std::span<const Action> actions, std::span<float> q) const;

  NetworkPtr net_;
  NetworkConfig config_;
  QueryShape shape_;
  TaskConfig task_;
  torch::Device device_;
};

}  // namespace qt::qnet
