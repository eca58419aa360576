// SPDX-License-Identifier: Apache-2.0
// Q(s, a) behind an interface of plain types, so that everything but qnet and train builds and is
// tested without LibTorch.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "image/image.h"
#include "mdp/action.h"
#include "mdp/observation.h"

namespace qt {

// The part of Q that depends on the state alone, computed once per state (paper section 4.2 and
// section 4.2: the image part never runs per candidate).
class EmbeddedState {
 public:
  virtual ~EmbeddedState() = default;
};

class QFunction {
 public:
  virtual ~QFunction() = default;
  // Embeds one state. Fails if it lacks what the network needs (aligned: a valid camera). Keeps
  // nothing of `image`.
  virtual Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView& image,
                                                            const ObservedState& state) const = 0;
  // Decodes the image, or views it where it is raw, and embeds the observation.
  virtual Result<std::unique_ptr<EmbeddedState>> Embed(const Observation& observation) const {
    RgbImage storage;
    QT_ASSIGN(const RgbView image, View(observation.image, &storage));
    return EmbedImage(image, observation);
  }
  // Several states at once: the same as one by one, but for rounding, and faster.
  virtual Result<std::vector<std::unique_ptr<EmbeddedState>>> EmbedImages(
      std::span<const RgbView> images, std::span<const ObservedState> observed) const {
    std::vector<std::unique_ptr<EmbeddedState>> states;
    for (size_t i = 0; i < images.size(); ++i) {
      QT_ASSIGN(std::unique_ptr<EmbeddedState> state, EmbedImage(images[i], observed[i]));
      states.push_back(std::move(state));
    }
    return states;
  }
  // Of B states and B * A actions, the first A of which are the first state's: all values,
  // likewise. REQUIRES: at least one state.
  virtual void ScoreAll(std::span<const std::unique_ptr<EmbeddedState>> states,
                        std::span<const Action> actions, std::span<float> q) const {
    const size_t A = actions.size() / states.size();
    for (size_t b = 0; b < states.size(); ++b) {
      Score(*states[b], actions.subspan(b * A, A), q.subspan(b * A, A));
    }
  }
  // q[i] = Q(state, actions[i]) in [0, 1]. REQUIRES: equal lengths; state made by this object.
  virtual void Score(const EmbeddedState& state, std::span<const Action> actions,
                     std::span<float> q) const = 0;
};

}  // namespace qt
