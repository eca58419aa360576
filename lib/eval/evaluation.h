// SPDX-License-Identifier: Apache-2.0
// What an evaluation is asked, whatever its protocol, and one that runs.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "base/status.h"
#include "cem/cem.h"
#include "eval/grasp.h"
#include "eval/robot_cell.h"
#include "eval/stopping.h"
#include "json/json_fwd.h"
#include "mdp/episode.h"
#include "rollout/collector.h"
#include "sim/scene_config.h"

namespace qt::eval {

struct PolicyReport;
struct Report;

// The settings of a scene that are the policy's, the protocol's or of labels; `shadows` is a
// switch.
inline constexpr std::array<std::string_view, 10> kNotToBeSet = {
    "profile", "image_size", "image",        "shadows",     "light_drift",
    "bump",    "drop_test",  "gripper_view", "remove_held", "task"};

// What a policy is tried under: what --vary may vary.
struct Setup {
  sim::SceneConfig scene{.objects = "test", .drop_test = false};
  bool shadows = false;
  std::optional<CemConfig> cem;  // else the policy's own
};

template <class V>
void Visit(V&& visit, Setup& c) {
  visit(
      "cem", c.cem,
      {"N/M/I",
       "samples, elites and rounds of the search of a policy file for the best action; by default "
       "what it says itself"});
  Visit(
      [&](const char* name, auto& value, const qt::Setting& about) {
        if (std::ranges::count(kNotToBeSet, std::string_view(name)) == 0) visit(name, value, about);
      },
      c.scene);
  visit("shadows", c.shadows, {"", "draw shadows"});
}

struct EvaluationConfig {
  std::vector<std::string> policies;
  std::string against;  // may be empty
  // num_episodes 0: as many as suit the other settings. The evaluation itself sets task, run and
  // the range of episodes.
  rollout::CollectorConfig collect;
  Setup setup;
  CellConfig cell;  // a robot in place of the simulated scenes
  Question question;

  EvaluationConfig() { collect.num_envs = 0; }  // one for each core
};

template <class V>
void Visit(V&& visit, EvaluationConfig& c) {
  visit("num_episodes", c.collect.num_episodes,
        {"N",
         "attempts, each in a fresh bin of its own; 0 is 100, or with --until and --sprt as many "
         "as it takes; with --protocol disturb and ablate of each row; with --protocol offline "
         "logged episodes, 0 is all",
         0, 1e9, 'n'});
  visit("seed", c.collect.seed,
        {"N", "which scenes: the same seed gives the same ones to any policy"});
  visit("collect", c.collect, {});
  visit("against", c.against,
        {"POLICY", "try the same scenes with this policy too, and compare the two in pairs"});
  visit("setup", c.setup, {});
  visit("cell", c.cell, {});
  visit("question", c.question, {});
}

// Usage errors: no such policy.
Status CheckPolicies(const EvaluationConfig& config);
// Usage errors: what only a robot has, without one; what cannot be answered with one.
Status CheckCell(const EvaluationConfig& config);
// Usage errors: no such objects; a search of a policy that does not search.
Status CheckSetup(const EvaluationConfig& config, const Setup& setup);

// What an evaluation needs of the program that it runs in.
struct Surroundings {
  const std::atomic<bool>& stop;
  // Is told how much is done and how it goes.
  std::function<void(uint64_t done, const std::string& note)> progress;
  // Sees every attempt of a row, in the order of its index.
  std::function<Status(size_t row, const PolicyReport&, const Outcome&, const Episode&)> attempt;
};

// A protocol applied to what was asked. Making it reads files and starts no process.
class Evaluation {
 public:
  virtual ~Evaluation() = default;
  // Names the episodes of the first row.
  virtual std::string run_id() const = 0;
  virtual uint64_t total() const = 0;  // for the progress; 0: not known
  // "would try scripted in 100 scenes"
  virtual std::string Plan() const = 0;
  // Whatever was done is in the report, also after an interruption and with kPartial.
  virtual Status Run(const Surroundings& surroundings) = 0;

  // formats/report/SPEC.md; all that may differ between two runs of one command is under "timing".
  virtual Json ToJson() const = 0;
  virtual std::string ToText() const = 0;
  // What the attempts have shown; null if there are none.
  virtual const Report* report() const { return nullptr; }
  // Ok, or kPartial with the reason why what was required is not met.
  virtual Status Verdict() const { return Ok(); }
};

}  // namespace qt::eval
