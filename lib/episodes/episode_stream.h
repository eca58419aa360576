// Several sources of episodes as one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "episodes/episode_source.h"

namespace qt::episodes {

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
