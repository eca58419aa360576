// SPDX-License-Identifier: Apache-2.0
// Standard input as a source of episodes: a file or a pipe, which may be silent for hours.
#include <poll.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "base/file.h"
#include "episodes/episode_reader.h"

namespace qt::episodes {
namespace {

constexpr int kStdinSlice_ms = 100;  // how soon it gives up

// Standard input that can be given up while it is silent.
class PatientBytes : public ByteSource {
 public:
  explicit PatientBytes(std::function<bool()> give_up) : give_up_(std::move(give_up)) {}
  Result<size_t> Read(std::span<uint8_t> bytes) override {
    for (;;) {
      if (StopRequested() || (give_up_ && give_up_())) {
        return Status(Code::kInterrupted, "interrupted while waiting for input");
      }
      pollfd wait = {STDIN_FILENO, POLLIN, 0};
      if (::poll(&wait, 1, kStdinSlice_ms) > 0) return source_->Read(bytes);
    }
  }
  const std::string& name() const override { return source_->name(); }

 private:
  std::function<bool()> give_up_;
  std::unique_ptr<ByteSource> source_ = StdinSource();
};

class StdinEpisodes : public EpisodeReader {
 public:
  using EpisodeReader::EpisodeReader;
  Result<std::optional<StoredEpisode>> NextStored() override {
    return std::optional<StoredEpisode>();
  }
};

}  // namespace

Result<std::unique_ptr<EpisodeSource>> OpenStdinSource(const std::string&,
                                                       const SourceOptions& options) {
  std::unique_ptr<ByteSource> bytes =
      options.give_up ? std::make_unique<PatientBytes>(options.give_up) : StdinSource();
  return std::unique_ptr<EpisodeSource>(
      std::make_unique<StdinEpisodes>(std::move(bytes), options.read));
}

}  // namespace qt::episodes
