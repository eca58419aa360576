// SPDX-License-Identifier: Apache-2.0
// Fuzzes the import of published data: the framing of TFRecord with the input as a file, then
// tf.Example and the mapping to an episode with the input as one record, whose checksum would
// otherwise stop every change. What becomes an episode must survive being written and read.
#include <memory>

#include "base/check.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "rlds/rlds_episode.h"
#include "support/memory_stream.h"
#include "tensors/crc32c.h"
#include "tensors/tfrecord.h"

namespace qt::rlds {
namespace {

constexpr size_t kMaxSteps = 200;  // more of them teach nothing and take long

class KeepingSink : public MemorySink {
 public:
  explicit KeepingSink(Bytes* out) : out_(out) {}
  Status Commit() override {
    *out_ = contents();
    return Ok();
  }

 private:
  Bytes* out_;
};

void CheckEpisode(const Episode& episode) {
  Bytes bytes;
  episodes::EpisodeWriter writer(std::make_unique<KeepingSink>(&bytes), {});
  QT_ASSERT(writer.Write(episode).ok() && writer.Finish().ok());
  episodes::EpisodeReader reader(std::make_unique<MemorySource>(std::move(bytes)));
  const auto read = reader.Next();
  QT_ASSERT(read.ok() && *read);
  QT_ASSERT((*read)->episode.content_hash == episodes::ComputeContentHash(episode));
  QT_ASSERT((*read)->episode.steps.size() == episode.steps.size());
  QT_ASSERT((*read)->episode.labels.size() == episode.labels.size());
}

// With both descriptions: none, and one that says that numbers are deflated.
void CheckExample(ByteSpan message) {
  const Result<TfExample> example = ParseTfExample(message);
  if (!example.ok()) return;
  RldsFeatures zlib;
  for (const auto& [name, feature] : *example) {
    QT_ASSERT(feature.Strings().size() + feature.Floats().size() + feature.Ints().size() ==
              feature.size());
    zlib[name] = {.encoding = RldsEncoding::kZlib, .dtype = "float32"};
  }
  const auto first = example->find("steps/is_first");
  if (first != example->end() && first->second.size() > kMaxSteps) return;
  const RldsOrigin origin{"kuka", "0.1.0", "train", 1, "file", 2, "fuzz"};
  for (const RldsFeatures& features : {RldsFeatures(), zlib}) {
    RldsDropped dropped;
    const Result<Episode> episode = EpisodeFromRlds(*example, features, origin, &dropped);
    if (episode.ok()) CheckEpisode(*episode);
  }
}

void CheckTfRecords(ByteSpan input) {
  tensors::TfRecordReader reader(
      std::make_unique<MemorySource>(Bytes(input.begin(), input.end()), 1 + input.size() % 37));
  for (;;) {
    const auto record = reader.Next();
    if (!record.ok() || !*record) break;
    if ((*record)->damage.ok()) CheckExample((*record)->data);
  }
}

void CheckChecksum(ByteSpan input) {
  QT_ASSERT(tensors::Crc32c(input) == tensors::Crc32cPortable(input));
}

}  // namespace
}  // namespace qt::rlds

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  qt::rlds::CheckTfRecords({data, size});
  qt::rlds::CheckExample({data, size});
  qt::rlds::CheckChecksum({data, size});
  return 0;
}
