// Episodes in, the same episodes with labels out: one in, one out, in order, in constant memory, on
// any number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/status.h"
#include "episodes/episode_writer.h"
#include "label/audit.h"
#include "label/label_episode.h"

namespace qt::label {

struct FilterStats {
  uint64_t episodes = 0;
  uint64_t labelled = 0;
  uint64_t already_labelled = 0;
  uint64_t without_evidence = 0;
  uint64_t abstained = 0;
  uint64_t undecidable = 0;  // the pictures could not be used
  uint64_t successes = 0;    // of the labelled ones
  Agreement agreement;       // of the labelled ones that have a label of source "sim"
};

using NextEpisode = std::function<Result<std::optional<episodes::StoredEpisode>>()>;
// Called in order, one call at a time, from any thread.
using WriteEpisode = std::function<Status(const episodes::StoredEpisode&, std::span<const Label>)>;
using Watch = std::function<void(const FilterStats&)>;
// Sees what became of an episode that could be judged, before it is written; in order.
using Inspect = std::function<Status(const Episode&, const LabelResult&)>;

// Reads until `next` is at its end or fails, `write` or `inspect` (may be empty) fails, or `stop`
// is set (kInterrupted). An episode that cannot be labelled passes through as it is and is counted;
// `stats` holds the counts in either case. At most 2 * num_threads episodes are in memory.
// REQUIRES: num_threads > 0.
Status FilterEpisodes(const NextEpisode& next, const WriteEpisode& write,
                      const LabelOptions& options, int num_threads, const std::atomic<bool>& stop,
                      const Watch& watch, const Inspect& inspect, FilterStats* stats);

}  // namespace qt::label
