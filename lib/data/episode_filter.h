// SPDX-License-Identifier: Apache-2.0
// Which episodes a command of qt-data works on: the flags --success, --failure, --policy, --label,
// --where and --episodes mean the same everywhere.
#pragma once

#include <cstdint>
#include <string>

#include "base/number_set.h"
#include "base/setting.h"
#include "base/status.h"
#include "data/condition.h"
#include "mdp/episode.h"

namespace qt::data {

struct EpisodeFilter {
  bool success = false, failure = false;
  std::string policy{};  // a prefix of the name, or a pattern with * and ?
  Condition where{};
  NumberSet episodes{};  // positions in the input, counted from 0
  std::string label{};   // source of the label that counts; empty: the newest

  bool Matches(const Episode& episode, uint64_t position) const;
  // True if no later episode can match.
  bool EndsBefore(uint64_t position) const { return episodes.EndsBefore(position); }
  // The label that counts, or nullptr.
  const Label* LabelOf(const Episode& episode) const { return ChooseLabel(episode, label); }
  // Whether it may leave out anything.
  bool Selects() const;
};

template <class V>
void Visit(V&& visit, EpisodeFilter& c) {
  visit("success", c.success,
        {.help = "only those that are labelled a success", .negatable = false});
  visit("failure", c.failure,
        {.help = "only those that are labelled a failure", .negatable = false});
  visit("policy", c.policy,
        {"NAME", "only those of policies whose name begins so, or fits a pattern with * and ?"});
  visit(
      "where", c.where,
      {"CONDITION", "only those that meet it: comparisons such as 'steps>5 && env.camera=wrist'"});
  visit("episodes", c.episodes,
        {"LIST", "only these, counted from 0 over the whole input: 3,7-9,20-"});
  visit("label", c.label,
        {"SOURCE", "the label that counts where an episode has several; empty is the newest"});
}

// Across settings. Errors are of usage and name the flags.
Status CheckFilter(const EpisodeFilter& filter);

}  // namespace qt::data
