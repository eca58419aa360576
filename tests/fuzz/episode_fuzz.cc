// SPDX-License-Identifier: Apache-2.0
// Fuzzes the two readers of episode files, by stream and by index. What they deliver must survive
// being copied into a new file, and be printable.
#include <memory>
#include <vector>

#include "episodes/episode_json.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "fuzz_input.h"
#include "json/json.h"
#include "support/memory_stream.h"

namespace qt::episodes {
namespace {

constexpr size_t kMaxEpisodes = 64;  // more of them teach nothing and take long

std::string Print(const Episode& episode) {
  return EpisodeToJson(episode).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<StoredEpisode> ReadStream(Bytes bytes, size_t piece_bytes) {
  EpisodeReader reader(std::make_unique<MemorySource>(std::move(bytes), piece_bytes));
  std::vector<StoredEpisode> episodes;
  while (episodes.size() < kMaxEpisodes) {
    Result<std::optional<StoredEpisode>> next = reader.Next();
    if (!next.ok() || !*next) break;
    episodes.push_back(std::move(**next));
  }
  return episodes;
}

// Keeps what was written after the writer has gone.
class SharedSink : public MemorySink {
 public:
  explicit SharedSink(Bytes* out) : out_(out) {}
  Status Commit() override {
    *out_ = contents();
    return Ok();
  }

 private:
  Bytes* out_;
};

Bytes Copy(const std::vector<StoredEpisode>& episodes) {
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<SharedSink>(&bytes), {});
  for (const StoredEpisode& stored : episodes) QT_ASSERT(writer.WriteCopy(stored, {}).ok());
  QT_ASSERT(writer.Finish().ok());
  return bytes;
}

void CheckStream(ByteSpan input) {
  const std::vector<StoredEpisode> episodes =
      ReadStream({input.begin(), input.end()}, 1 + input.size() % 997);
  const std::vector<StoredEpisode> copies = ReadStream(Copy(episodes), SIZE_MAX);
  QT_ASSERT(copies.size() == episodes.size());
  for (size_t i = 0; i < copies.size(); ++i) {
    const bool verbatim = !episodes[i].records.empty();
    QT_ASSERT(!verbatim || Print(copies[i].episode) == Print(episodes[i].episode));
    QT_ASSERT(copies[i].episode.steps.size() == episodes[i].episode.steps.size());
    QT_ASSERT(copies[i].episode.labels.size() == episodes[i].episode.labels.size());
  }
}

void CheckIndex(ByteSpan input) {
  const fuzz::InputFile file(input);
  const auto reader = IndexedEpisodeReader::Open(file.path());
  if (!reader.ok()) return;
  for (size_t k = 0; k < (*reader)->size() && k < kMaxEpisodes; ++k) {
    const Result<StoredEpisode> stored = (*reader)->Read(k);
    if (stored.ok()) Print(stored->episode);
  }
}

}  // namespace
}  // namespace qt::episodes

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  qt::episodes::CheckStream({data, size});
  qt::episodes::CheckIndex({data, size});
  return 0;
}
