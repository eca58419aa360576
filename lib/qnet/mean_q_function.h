// SPDX-License-Identifier: Apache-2.0
// The mean of several Q-functions: an ensemble, whose members err in different places.
#pragma once

#include <memory>
#include <vector>

#include "qnet/q_function.h"

namespace qt::qnet {

class MeanQFunction : public QFunction {
 public:
  explicit MeanQFunction(
      std::vector<std::unique_ptr<QFunction>> members);  // REQUIRES: at least one

  Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView& image,
                                                    const ObservedState& observed) const override;
  void Score(const EmbeddedState& state, std::span<const Action> actions,
             std::span<float> q) const override;

 private:
  std::vector<std::unique_ptr<QFunction>> members_;
};

}  // namespace qt::qnet
