// Turns an Episode into the MCAP Message records of one chunk, in the order and with the times of
// formats/episode/SPEC.md. The same episode gives the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>

#include "base/digest.h"
#include "base/file.h"
#include "episodes/episode_layout.h"
#include "mdp/episode.h"

namespace qt::episodes {

// Hands out log times that only ever grow. Stamps are kept as they are in the messages; if the
// clock of an episode starts before the end of the one before, its log times are shifted as a
// whole.
class LogClock {
 public:
  void StartEpisode(int64_t first_stamp_ns);
  uint64_t At(int64_t stamp_ns);
  uint64_t Next() { return ++last_; }
  // The shift for a copied episode whose first log time is `first`; then the last one it uses.
  uint64_t ShiftFor(uint64_t first) const {
    return first > last_ || !used_ ? 0 : last_ + 1 - first;
  }
  void Advance(uint64_t last);

 private:
  bool used_ = false;
  uint64_t last_ = 0;
  int64_t shift_ns_ = 0;
};

struct EncodedEpisode {
  Bytes records;
  std::set<Topic> topics;
  uint64_t content_hash = 0;
};

// The recorded part and its labels.
EncodedEpisode EncodeRecords(const Episode& episode, LogClock* clock);
// The content hash of an episode's Message records, whose channels have our fixed ids.
uint64_t HashRecords(ByteSpan records);
// Appends Label messages for `episode`, which has its earlier labels already, at the end of
// `encoded`, whose content hash goes to labels that have none. REQUIRES: one finite reward per
// step.
void AppendLabels(const Episode& episode, std::span<const Label> new_labels, size_t first_sequence,
                  LogClock* clock, EncodedEpisode* encoded);

}  // namespace qt::episodes
