// SPDX-License-Identifier: Apache-2.0
// Where episodes go. What a name stands for (a file, standard output, a folder that gets one file
// after the other) is decided by the table in episode_sink.cc and nowhere else: a new kind of sink
// is a file with its class and a line there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/shared_bytes.h"
#include "base/status.h"
#include "mdp/episode.h"

namespace qt::episodes {

// One program that touched a file: its qt.program.<n> record.
using Program = std::map<std::string, std::string>;

// Who writes, for the lineage: becomes the metadata records qt.run (if run_id is set) and
// qt.program.<n>, after those that were inherited from the inputs.
struct Lineage {
  std::string run_id = {};
  std::string tool = {};  // "qt-label 0.1.0 (commit)"
  std::string command_line = {};
  std::map<std::string, std::string> extra = {};  // further keys of this program's record
  std::vector<Program> inherited = {};            // programs before this one, oldest first
};

// An episode together with the exact bytes it was read from, so that a filter can copy it.
struct StoredEpisode {
  Episode episode;
  // Uncompressed chunk: MCAP Message records in order; empty if not from our layout. The pictures
  // of `episode` share these bytes.
  SharedBytes records;
  // The zstd frame of `records`, as it stood in one of our files; only if the reader was asked for
  // it, and else empty.
  Bytes compressed = {};
  size_t num_programs = 0;  // of the reader's programs(): those it had met when it read this
};

// Takes episodes, each of which is safe once it is taken. Not thread-safe.
class EpisodeSink {
 public:
  virtual ~EpisodeSink() = default;
  virtual Status Write(const Episode& episode) = 0;
  // Copies the recorded messages byte for byte and appends one Label message per new label. If
  // nothing changes and `stored` has its compressed bytes, these are copied.
  virtual Status WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels) = 0;
  // Adds the programs of an input that was opened after the first episode was written. Takes the
  // list of all inherited programs, which only grows (EpisodeSource::programs); what was written
  // already is not written again.
  virtual Status Inherit(std::span<const Program> programs) = 0;
  // Makes the result final. Without it, complete episodes stay where they can be recovered.
  virtual Status Finish() = 0;
  virtual void Discard() = 0;  // instead of Finish: nothing is kept
  virtual uint64_t num_episodes() const = 0;
  virtual uint64_t num_verbatim() const = 0;  // of these, copied without compressing them again
};

struct SinkOptions {
  // Opens a file; of a folder, the new one whose name holds this part (NameInSpool).
  std::function<Result<std::unique_ptr<ByteSink>>(const std::string& file_id)> open;
  std::string file_id;
  Lineage lineage = {};
  uint64_t episodes_per_file = 0;  // of a folder; 0: one file for all
};

// What NamesStdout says is standard output. A folder (NamesFolder) gets one new file, or one after
// each `episodes_per_file`, in order by name; each is finished before the next one is opened. What
// is wrong with the first file shows at once.
Result<std::unique_ptr<EpisodeSink>> OpenSink(const std::string& name, SinkOptions options);

// Whether the sink is of use while it is written, so that what never ends may go there. A file is
// not: it appears when it is finished. A folder is, file by file.
bool CanBeEndless(const std::string& name);

// A random name part that tells the files of a folder apart; no part of what is in them.
std::string NewFileId();

}  // namespace qt::episodes
