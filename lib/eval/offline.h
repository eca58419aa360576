// The protocol `offline`: what the Q-functions of policies say of logged, labelled episodes,
// without running anything (Irpan et al. 2019, off-policy classification).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "json/json_fwd.h"
#include "mdp/episode.h"
#include "mdp/task.h"
#include "rollout/collector.h"
#include "stats/opc.h"

namespace qt::eval {

// Number of bootstrap samples.
inline constexpr int kResamples = 1000;

struct OfflineConfig {
  int num_threads = 1;  // never changes the result
  double confidence = 0.95;
  uint64_t seed = 0;             // of the bootstrap
  std::vector<double> measured;  // success of each policy, by running it; or empty
};

// A policy that is asked for Q.
struct OfflinePolicy {
  std::string spec, name, digest;
  TaskConfig task;
  rollout::PolicyFactory factory;
};

// Asks the policies for Q of every recorded action, some episodes at a time.
class OfflineScorer {
 public:
  // REQUIRES: policies not empty.
  OfflineScorer(OfflineConfig config, std::vector<OfflinePolicy> policies);

  // An episode without a step is left out. Fails as Policy::ValueOf does.
  Status Add(Episode episode, bool success);
  // Asks for what still waits.
  Status Flush();
  uint64_t num_episodes() const { return scored_[0].size() + waiting_.size(); }

  // After Flush, with at least one episode: formats/report/SPEC.md, and a table.
  Json ToJson() const;
  std::string ToText() const;

 private:
  struct Waiting {
    Episode episode;
    bool success;
  };
  Status ScoreBy(size_t policy);
  std::vector<stats::OpcEstimate> Estimates() const;

  OfflineConfig config_;
  std::vector<OfflinePolicy> policies_;
  std::vector<Waiting> waiting_;
  std::vector<std::vector<stats::ScoredEpisode>> scored_;  // by policy
};

// "0.62,0.7,0.81": a rate for each of `count` policies, which are three or more.
Result<std::vector<double>> ParseMeasured(const std::string& text, size_t count);

}  // namespace qt::eval
