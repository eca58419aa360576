// Which episodes a command of qt-data works on: the flags --success, --failure, --policy, --label,
// --where and --episodes mean the same everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/condition.h"
#include "mdp/episode.h"

namespace qt::data {

struct FilterOptions {
  bool success = false, failure = false;
  std::string policy = {};    // a prefix of the name, or a pattern with * and ?
  std::string label = {};     // source of the label that counts; empty: the newest
  std::string where = {};     // see Condition
  std::string episodes = {};  // "3,7-9": positions in the input, from 0; empty: all
};

// Positions "3,7-9,20-": whole numbers and ranges, the last one may be open.
class PositionSet {
 public:
  static Result<PositionSet> Parse(const std::string& text);
  bool Contains(uint64_t position) const;
  bool all() const { return ranges_.empty(); }
  // No position from here on is in the set: reading can stop.
  bool EndsBefore(uint64_t position) const;

 private:
  struct Range {
    uint64_t first, last;
  };
  std::vector<Range> ranges_;
};

class EpisodeFilter {
 public:
  // Errors are of usage and name the flag.
  static Result<EpisodeFilter> Make(FilterOptions options);

  // `position` counts the episodes of the input from 0.
  bool Matches(const Episode& episode, uint64_t position) const;
  // True if no later episode can match.
  bool EndsBefore(uint64_t position) const { return positions_.EndsBefore(position); }
  // The label that counts, or nullptr.
  const Label* LabelOf(const Episode& episode) const {
    return ChooseLabel(episode, options_.label);
  }
  // Whether it may leave out anything.
  bool Selects() const;
  const FilterOptions& options() const { return options_; }

 private:
  FilterOptions options_;
  Condition condition_;
  PositionSet positions_;
};

}  // namespace qt::data
