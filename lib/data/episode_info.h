// SPDX-License-Identifier: Apache-2.0
// What a set of episode files holds, as text for people and as JSON. One pass, bounded memory.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/episode_filter.h"
#include "episodes/episode_source.h"
#include "json/json_fwd.h"

namespace qt::data {

class EpisodeInfo {
 public:
  // `label` is the label that counts, or nullptr.
  void Add(const episodes::StoredEpisode& stored, const Label* label);
  // After the last episode. `left_out`: episodes that the filter did not select.
  Json ToJson(const episodes::EpisodeStream& stream, uint64_t left_out) const;
  std::string ToText(const episodes::EpisodeStream& stream, uint64_t left_out) const;

 private:
  struct Count {
    uint64_t episodes = 0, labelled = 0, success = 0;
  };
  // The episodes that one policy file collected, or one policy without a file.
  struct Round {
    std::string policy, digest;
    int64_t first_ns = 0, last_ns = 0;  // starts of episodes
    Count count;
  };
  std::vector<Round> RoundsInTime() const;
  std::string RoundsText() const;
  void AddRound(const Episode& episode, const Label* label);
  void AddLabels(const Episode& episode, const Label* label);
  void AddTimes(const Episode& episode);

  uint64_t episodes_ = 0, steps_ = 0, unlabelled_ = 0, decoded_bytes_ = 0, duplicates_ = 0;
  Count counting_;                        // by the label that counts
  std::map<std::string, Count> sources_;  // of labels
  std::map<std::string, Count> policies_;
  std::map<std::string, Count> objects_;  // by the set that env_config names; "": none
  std::vector<Round> rounds_;
  std::map<std::pair<std::string, std::string>, size_t> round_of_;  // by policy and digest
  std::map<std::string, uint64_t> end_reasons_, images_, tasks_;
  std::set<std::string> runs_;
  std::set<uint64_t> hashes_;  // of the observations
  int64_t first_ns_ = 0, last_ns_ = 0;
};

}  // namespace qt::data
