// Writes episodes as MCAP with ROS 2 CDR, one zstd chunk an episode (formats/episode/SPEC.md).
// Front to back, never seeks: the sink may be a pipe. Every episode is flushed when it is complete.
#pragma once

#include <compare>
#include <memory>
#include <span>

#include "base/file.h"
#include "base/status.h"
#include "episodes/episode_sink.h"
#include "mdp/episode.h"

namespace qt::episodes {

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
