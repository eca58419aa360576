// SPDX-License-Identifier: Apache-2.0
// Where episodes come from. What a name stands for (a file, a folder, standard input) is decided by
// the table in episode_source.cc and nowhere else: a new kind of source is a file with its class
// and a line there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "episodes/episode_sink.h"

namespace qt::episodes {

// What was wrong with one part of the input, and where. Reading goes on after it.
struct Damage {
  Status status;              // with path and offset; says what was lost
  uint64_t offset_bytes = 0;  // in that input
  uint64_t lost_bytes = 0;    // of the file; 0 if the bytes are there, but an episode is not usable
};

// Episodes in order, and what was met on the way. Not thread-safe.
class EpisodeSource {
 public:
  virtual ~EpisodeSource() = default;

  // The next episode; nullopt at the end. A source that is followed has none: it waits for more,
  // until it is asked to give up or a stop is requested (SetStopFlag): kInterrupted. An episode
  // that cannot be used is noted as damage; an error means that the source holds none at all or
  // cannot be read.
  virtual Result<std::optional<StoredEpisode>> Next() = 0;
  // The same for what is there already: nullopt if there is nothing more for now. Of what only ever
  // arrives (standard input) nothing is there already.
  virtual Result<std::optional<StoredEpisode>> NextStored() { return Next(); }

  // These only grow.
  virtual const std::vector<Damage>& damage() const = 0;
  // The programs that made the episodes so far (qt.program.<n>), oldest first.
  virtual const std::vector<Program>& programs() const = 0;
  virtual uint64_t bytes_read() const = 0;
};

struct ReadOptions {
  // A ROS 2 bag without our topics becomes one unlabelled episode of the pictures on this topic
  // (several if they are more than fit into one). Empty: such a bag is noted as damage.
  std::string camera_topic = {};
  bool keep_compressed = false;  // fill in StoredEpisode::compressed
};

enum class Follow { kNo, kYes };  // --follow

struct SourceOptions {
  Follow follow = Follow::kNo;
  ReadOptions read = {};
  std::function<bool()> give_up = {};  // asked now and then while it waits; none: never
};

// "-" is standard input. A folder is every *.mcap in it, by name; hidden files are still being
// written: left out. A file of a folder that cannot be used is noted as damage. A followed folder
// gives each further file once, too. Fails if there is no such thing.
Result<std::unique_ptr<EpisodeSource>> OpenSource(const std::string& name,
                                                  const SourceOptions& options = {});

// Whether more may come after what is there, so that Follow::kYes makes a difference.
bool CanFollow(const std::string& name);

// The files that these sources read, in their order; "-" stays as it is. For whoever handles file
// by file.
Result<std::vector<std::string>> ListFiles(const std::vector<std::string>& names);

// Several sources of episodes as one.

// First those that end, one after the other as they are named, each opened when its turn comes;
// then those that are followed, in turn, for ever. For a source that fails, Next does so once, and
// goes on with the next one.
class EpisodeStream : public EpisodeSource {
 public:
  explicit EpisodeStream(std::vector<std::string> names, SourceOptions options = {});
  ~EpisodeStream() override;

  Result<std::optional<StoredEpisode>> Next() override;
  const std::vector<Damage>& damage() const override;
  const std::vector<Program>& programs() const override;  // without repetitions
  uint64_t bytes_read() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qt::episodes
