// SPDX-License-Identifier: Apache-2.0
// A closed-form Q for tests: no network, no image.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "qnet/q_function.h"

namespace qt::test {

class FakeQFunction : public QFunction {
 public:
  using Formula = std::function<float(const Observation&, const Action&)>;
  explicit FakeQFunction(Formula formula) : formula_(std::move(formula)) {}

  // Needs no image that can be decoded.
  Result<std::unique_ptr<EmbeddedState>> Embed(const Observation& observation) const override {
    return EmbedImage({}, observation);
  }
  Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView&,
                                                    const ObservedState& observed) const override {
    auto state = std::make_unique<State>();
    static_cast<ObservedState&>(state->observation) = observed;
    return std::unique_ptr<EmbeddedState>(std::move(state));
  }
  void Score(const EmbeddedState& state, std::span<const Action> actions,
             std::span<float> q) const override {
    const Observation& observation = dynamic_cast<const State&>(state).observation;
    for (size_t i = 0; i < actions.size(); ++i) q[i] = formula_(observation, actions[i]);
  }

 private:
  struct State : EmbeddedState {
    Observation observation;
  };
  Formula formula_;
};

}  // namespace qt::test
