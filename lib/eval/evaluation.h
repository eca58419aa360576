// A whole evaluation: one or several arms (a policy under a setting) in the same scenes, until
// all attempts are made or the answer is clear. The same for any number of environments.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "eval/grasp.h"
#include "eval/opened_policy.h"
#include "eval/report.h"
#include "sim/sim_robot.h"

namespace qt::eval {

// Pairs between two looks at a paired sequential test: policies take turns of as many attempts.
inline constexpr uint64_t kPairsPerLook = 20;

struct Arm {
  const OpenedPolicy* policy = nullptr;
  sim::SceneConfig world;  // task and image size become the policy's
  std::string setting;     // of --vary, as in eval/vary
};

struct EvaluationConfig {
  GraspConfig grasp;  // task and run_id become the arm's
  StoppingRule rule;
  std::string run_description;  // what distinguishes this run's episodes
};

// Run id of one policy's episodes.
std::string RunIdOf(const EvaluationConfig& config, const std::string& policy);

// Sees every attempt of an arm in the order of its index; `arm` is a position in the arms.
using ArmSink =
    std::function<Status(size_t arm, const PolicyReport&, const Outcome&, const Episode&)>;

// Fills report->first and report->others, in the order of the arms. A rule stops the first arm, and
// the others try as many scenes; but a sequential test of two arms compares them as they go. What
// was done is in the report, also after an error.
Status RunArms(const EvaluationConfig& config, const std::vector<Arm>& arms, const ArmSink& sink,
               const std::atomic<bool>& stop, Report* report);

}  // namespace qt::eval
