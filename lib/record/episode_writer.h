// Writes episodes as MCAP with ROS 2 CDR, one zstd chunk an episode (formats/episode/SPEC.md).
// Front to back, never seeks: the sink may be a pipe. Every episode is flushed when it is complete.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "mdp/episode.h"

namespace qt::record {

// Who writes, for the lineage: becomes the metadata records qt.run (if run_id is set) and
// qt.program.<n>, after those that were inherited from the inputs.
struct Lineage {
  std::string run_id;
  std::string tool;  // "qt-label 0.1.0 (commit)"
  std::string command_line;
  std::map<std::string, std::string> extra;  // further keys of this program's record
  std::vector<std::map<std::string, std::string>>
      inherited;  // programs before this one, oldest first
};

// An episode together with the exact bytes it was read from, so that a filter can copy it.
struct StoredEpisode {
  Episode episode;
  Bytes records;  // uncompressed chunk: MCAP Message records in order; empty if not from our layout
};

class EpisodeWriter {
 public:
  // Writes magic, header, schemas, channels and metadata at the first episode or Finish.
  EpisodeWriter(std::unique_ptr<ByteSink> sink, Lineage lineage);
  // Without Finish nothing is committed, but complete episodes stay in the sink's hidden temporary.
  ~EpisodeWriter();

  Status Write(const Episode& episode);
  // Copies the recorded messages byte for byte and appends one Label message per new label.
  Status WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels);
  // Summary, footer, and the sink's Commit.
  Status Finish();
  void Discard();  // instead of Finish: nothing is kept
  uint64_t num_episodes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The content hash over the observations and actions of an episode (SPEC, "content_hash").
uint64_t ComputeContentHash(const Episode& episode);

}  // namespace qt::record
