// SPDX-License-Identifier: Apache-2.0
// Writes episodes as MCAP with ROS 2 CDR, one zstd chunk an episode (formats/episode/SPEC.md).
// Front to back, never seeks: the sink may be a pipe. Every episode is flushed when it is complete.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>

#include "base/digest.h"
#include "base/file.h"
#include "base/status.h"
#include "episodes/episode_layout.h"
#include "episodes/episode_sink.h"
#include "mdp/episode.h"

namespace qt::episodes {

// Turns an Episode into the MCAP Message records of one chunk, in the order and with the times of
// formats/episode/SPEC.md. The same episode gives the same bytes.

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

class EpisodeWriter : public EpisodeSink {
 public:
  // Writes magic, header, schemas, channels and metadata at the first episode or Finish.
  EpisodeWriter(std::unique_ptr<ByteSink> sink, Lineage lineage);
  // Without Finish nothing is committed, but complete episodes stay in the sink's hidden temporary.
  ~EpisodeWriter() override;

  Status Write(const Episode& episode) override;
  Status WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels) override;
  Status Inherit(std::span<const Program> programs) override;
  // Summary, footer, and the sink's Commit.
  Status Finish() override;
  void Discard() override;
  uint64_t num_episodes() const override;
  uint64_t num_verbatim() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The content hash over the observations and actions of an episode (SPEC, "content_hash").
uint64_t ComputeContentHash(const Episode& episode);

// Tells whether two stored episodes are copies of each other: the same observations (content_hash)
// and the same messages, labels included. Log times and the stamps of labels do not count, because
// a copy may shift them.
struct EpisodeDigest {
  uint64_t content_hash = 0, messages = 0;
  auto operator<=>(const EpisodeDigest&) const = default;
};
EpisodeDigest DigestOf(const StoredEpisode& stored);

}  // namespace qt::episodes
