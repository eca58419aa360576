// SPDX-License-Identifier: Apache-2.0
#include "data/episode_filter.h"

#include <fnmatch.h>

namespace qt::data {
namespace {

bool MatchesName(const std::string& name, const std::string& wanted) {
  if (wanted.find_first_of("*?[") == std::string::npos) return name.starts_with(wanted);
  return ::fnmatch(wanted.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

bool EpisodeFilter::Selects() const {
  return success || failure || !policy.empty() || !where.ToString().empty() || !episodes.all();
}

bool EpisodeFilter::Matches(const Episode& episode, uint64_t position) const {
  if (!episodes.Contains(position)) return false;
  const Label* counting = LabelOf(episode);
  if (success && (counting == nullptr || !counting->success)) return false;
  if (failure && (counting == nullptr || counting->success)) return false;
  if (!policy.empty() && !MatchesName(episode.policy, policy)) return false;
  return where.Holds(episode, counting);
}

Status CheckFilter(const EpisodeFilter& filter) {
  if (!filter.success || !filter.failure) return Ok();
  return Usage("--success and --failure exclude each other; without them both count");
}

}  // namespace qt::data
