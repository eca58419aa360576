// SPDX-License-Identifier: Apache-2.0
// Fills the replay buffers from episode files, folders and stdin: log replay before the training
// starts and, with `follow`, whatever arrives while it goes on (paper section 4.3). Each episode
// is read once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/threads.h"
#include "episodes/episode_source.h"
#include "json/json.h"
#include "replay/replay_buffer.h"
#include "train/train_config.h"

namespace qt::train {

struct LoadSummary {
  size_t unlabelled = 0;            // episodes without the wanted label: left out
  size_t damaged = 0;               // episodes that cannot be used: left out, each with a warning
  size_t repeated = 0;              // episodes that had been read before: left out, not decoded
  size_t explored = 0;              // episodes in which actions may have been random, of those kept
  int width_px = 0, height_px = 0;  // of all images; 0 before the first episode
  Json lineage;                     // the programs that made the data
};

struct LoadOptions {
  std::vector<std::string> inputs;
  bool follow = false;
  // With `follow`, episodes that one of these policies collected are online data even if they are
  // there before the start: digests of what this run has published.
  std::set<std::string> own_policies;
};

// The readers. LoadStored fills the offline buffer; Follow starts a thread for each source that
// more may come from, which fills the online buffer until the object goes or a stop is requested
// (SetStopFlag). An episode is decoded once, however many files it is in.
class EpisodeLoader {
 public:
  EpisodeLoader(LoadOptions options, const TrainConfig& config, replay::ReplayBuffer& replay,
                const std::atomic<bool>& stop);

  // Reads what is there; with `follow` that is files and folders, without stdin. Fails if an input
  // cannot be opened, or if the images are not all of one size: a network has one.
  Status LoadStored(const std::function<void(uint64_t episodes)>& on_progress);
  void Follow();  // REQUIRES: LoadStored is done. Does nothing without `follow`.

  // Waits for the first episode; ends also on a stop, on an error, and when no more can come.
  void AwaitEpisode() const;
  // The first error of a thread. An unusable file or episode is none: it is left out with a
  // warning.
  Status status() const;
  LoadSummary summary() const;

 private:
  bool Stopping() const { return stop_ || closing_; }
  // A source, and how much of its damage was told.
  struct Feed {
    std::unique_ptr<episodes::EpisodeSource> source;
    size_t num_noted = 0;
  };
  enum class Until { kForNow, kGivenUp };
  Result<std::unique_ptr<episodes::EpisodeSource>> Open(const std::string& input) const;
  Status ReadAll(Feed& feed, Until until);
  Status Take(const Episode& episode, bool live);
  void NoteExploration(const Episode& episode);
  void WarnIfUnexplored() const;
  Status CheckSize(const replay::ReplayEpisode& episode);
  void TakeNotes(Feed& feed);
  void LeaveOut(const Status& status);
  bool IsNew(const std::string& id);

  void Note(Status status);

  const LoadOptions options_;
  const TrainConfig config_;
  replay::ReplayBuffer& replay_;
  const std::atomic<bool>& stop_;
  std::function<void(uint64_t)> on_progress_;
  std::vector<Feed> followed_;  // each is read by a thread of its own

  mutable std::mutex mutex_;  // guards what follows
  LoadSummary summary_;
  std::vector<episodes::Program> programs_;
  std::set<episodes::Program> known_programs_;
  std::set<std::string> known_ids_;
  Status status_;

  std::atomic<bool> closing_{false};
  std::atomic<int> num_running_{0};
  Threads threads_{[this] { closing_ = true; }};
};

}  // namespace qt::train
