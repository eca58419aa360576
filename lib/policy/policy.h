// SPDX-License-Identifier: Apache-2.0
// Observation -> Action. One object serves one episode at a time.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/observation.h"

namespace qt {

struct Decision {
  Action action;
  float q_value = std::numeric_limits<float>::quiet_NaN();
  float spread = std::numeric_limits<float>::quiet_NaN();  // CEM: of the elite scores
  ActionSource source = ActionSource::kUnknown;
};

class Policy {
 public:
  virtual ~Policy() = default;
  // Begins an episode; all randomness of the episode derives from `seed`.
  virtual void StartEpisode(uint64_t seed) = 0;
  virtual Result<Decision> Act(const Observation& observation) = 0;
  // Q of an action that was chosen otherwise (off-policy evaluation). Fails as Act does, and where
  // there is no Q.
  virtual Result<float> ValueOf(const Observation&, const Action&) {
    return Failed("the policy " + name() + " has no Q");
  }
  virtual const std::string& name() const = 0;    // recorded: "scripted", "random", "model:best"
  virtual const std::string& digest() const = 0;  // SHA-256 of the checkpoint, or empty
};

}  // namespace qt
