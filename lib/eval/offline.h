// SPDX-License-Identifier: Apache-2.0
// Off-policy classification (Irpan et al. 2019): what the Q-functions of policies say of logged,
// labelled episodes, without running anything. formats/report/SPEC.md says what is estimated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "eval/evaluation.h"
#include "eval/table.h"
#include "json/json_fwd.h"
#include "mdp/episode.h"
#include "mdp/task.h"
#include "rollout/collector.h"
#include "stats/opc.h"

namespace qt::eval {

// Bootstrap samples.
inline constexpr int kResamples = 1000;

// A policy that is asked for Q.
struct ScoredPolicy {
  std::string spec, name, digest;
  TaskConfig task;
  rollout::PolicyFactory factory;
};

// Asks the policies for Q of every recorded action, some episodes at a time.
class OfflineScorer {
 public:
  // `measured`: the success of each policy when it ran, or nothing. The number of environments is
  // that of threads, the seed draws the bootstrap samples. REQUIRES: policies not empty.
  OfflineScorer(EvaluationConfig asked, std::vector<double> measured,
                std::vector<ScoredPolicy> policies);

  // An episode without a step is left out. Fails as Policy::ValueOf does.
  Status Add(Episode episode, bool success);
  // Asks for what still waits.
  Status Flush();
  uint64_t num_episodes() const { return scored_[0].size() + waiting_.size(); }

  // What the flushed episodes say: formats/report/SPEC.md, and a table. Empty without an episode.
  Json ToJson() const;
  std::string ToText() const;

 private:
  struct Waiting {
    Episode episode;
    bool success;
  };
  // How one score of the policies goes with their measured success. The interval is over the
  // resamples of the log; the policies and their success stay as they are.
  struct Agreement {
    double spearman = 0, r_squared = 0;
    stats::Interval interval;
  };
  using Estimates = std::vector<stats::OpcEstimate>;  // by policy

  Status ScoreBy(size_t policy);
  Estimates MakeEstimates() const;
  Table TableOf(const Estimates& estimates) const;
  Agreement AgreementOf(const Estimates& estimates,
                        stats::Estimate stats::OpcEstimate::*score) const;

  const EvaluationConfig asked_;
  const std::vector<double> measured_;
  std::vector<ScoredPolicy> policies_;
  std::vector<Waiting> waiting_;
  std::vector<std::vector<stats::ScoredEpisode>> scored_;  // by policy
};

}  // namespace qt::eval
