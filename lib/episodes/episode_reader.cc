#include "episodes/episode_reader.h"

#include "episodes/episode_walk.h"

namespace qt::episodes {

struct EpisodeReader::Impl {
  EpisodeWalk walk;
};

EpisodeReader::EpisodeReader(std::unique_ptr<ByteSource> source, ReadOptions options)
    : impl_(new Impl{EpisodeWalk(std::move(source), std::move(options))}) {}
EpisodeReader::~EpisodeReader() = default;

Result<std::optional<StoredEpisode>> EpisodeReader::Next() {
  QT_ASSIGN(std::optional<EpisodeWalk::Found> found, impl_->walk.Next());
  if (!found) return std::optional<StoredEpisode>();
  return std::optional(std::move(found->stored));
}

const std::vector<Damage>& EpisodeReader::damage() const { return impl_->walk.damage(); }

const std::vector<Program>& EpisodeReader::programs() const { return impl_->walk.programs(); }

uint64_t EpisodeReader::bytes_read() const { return impl_->walk.offset(); }

}  // namespace qt::episodes
