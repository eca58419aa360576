// Writes episodes as MCAP with ROS 2 CDR, one zstd chunk an episode (formats/episode/SPEC.md).
// Front to back, never seeks: the sink may be a pipe. Every episode is flushed when it is complete.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "mdp/episode.h"

namespace qt::episodes {

// One program that touched a file: its qt.program.<n> record.
using Program = std::map<std::string, std::string>;

// Who writes, for the lineage: becomes the metadata records qt.run (if run_id is set) and
// qt.program.<n>, after those that were inherited from the inputs.
struct Lineage {
  std::string run_id;
  std::string tool;  // "qt-label 0.1.0 (commit)"
  std::string command_line;
  std::map<std::string, std::string> extra;  // further keys of this program's record
  std::vector<Program> inherited;            // programs before this one, oldest first
};

// An episode together with the exact bytes it was read from, so that a filter can copy it.
struct StoredEpisode {
  Episode episode;
  Bytes records;  // uncompressed chunk: MCAP Message records in order; empty if not from our layout
  // The zstd frame of `records`, as it stood in one of our files; only if the reader was asked for
  // it, and else empty.
  Bytes compressed = {};
  size_t num_programs = 0;  // of the reader's programs(): those it had met when it read this
};

class EpisodeWriter {
 public:
  // Writes magic, header, schemas, channels and metadata at the first episode or Finish.
  EpisodeWriter(std::unique_ptr<ByteSink> sink, Lineage lineage);
  // Without Finish nothing is committed, but complete episodes stay in the sink's hidden temporary.
  ~EpisodeWriter();

  Status Write(const Episode& episode);
  // Adds the programs of an input that was opened after the first episode was written. Takes the
  // list of all inherited programs, which only grows (EpisodeStream::programs); what was written
  // already is not written again.
  Status Inherit(std::span<const Program> programs);
  // Copies the recorded messages byte for byte and appends one Label message per new label. If
  // nothing changes and `stored` has its compressed bytes, these are copied.
  Status WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels);
  // Summary, footer, and the sink's Commit.
  Status Finish();
  void Discard();  // instead of Finish: nothing is kept
  uint64_t num_episodes() const;
  uint64_t num_verbatim() const;  // of these, copied without compressing them again

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A random name part that tells the files of a spool folder apart; no part of what is in them.
std::string NewFileId();

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
