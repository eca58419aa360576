// SPDX-License-Identifier: Apache-2.0
// How often the pixels of a step are copied on their way: bytes of picture-sized buffers that are
// allocated, over the bytes of the pictures. Every copy of a picture but those into a buffer that
// stays (a pipe's, a file's, a window's, a decoder's scratch) lands in a fresh one. Raw pictures,
// so that a decoder does not count; the second and later episodes of a stream, so that buffers
// which stay do not. Prints one line of JSON.
//
//   bench_pixel_copies
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "base/random.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "harness.h"
#include "image/image.h"
#include "json/json.h"
#include "label/label_episode.h"
#include "protocol/wire.h"
#include "replay/replay_buffer.h"
#include "support/memory_stream.h"

namespace {

constexpr int kWidth_px = 640, kHeight_px = 512, kSteps = 8, kEpisodes = 4;
constexpr size_t kPicture_bytes = qt::RgbBytes(kWidth_px, kHeight_px);
std::atomic<uint64_t> g_allocated_bytes = 0;  // in buffers of a picture or more

}  // namespace

// Not inlined, or the compiler takes them for a pair that does not match.
[[gnu::noinline]] void* operator new(size_t size) {
  if (size >= kPicture_bytes) g_allocated_bytes += size;
  if (void* place = std::malloc(size)) return place;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* place) noexcept { std::free(place); }
[[gnu::noinline]] void operator delete(void* place, size_t) noexcept { std::free(place); }

namespace {

using qt::bench::Must;
using qt::bench::NullSink;
using qt::episodes::StoredEpisode;

qt::EncodedImage Noise(qt::RandomStream& rng) {
  std::vector<uint8_t> rgb_HWC(kPicture_bytes);
  for (uint8_t& level : rgb_HWC) level = static_cast<uint8_t>(rng.Next());
  return qt::EncodeRaw({kWidth_px, kHeight_px, std::move(rgb_HWC)});
}

qt::Episode MakeEpisode() {
  qt::RandomStream rng(1);
  qt::Episode episode;
  episode.id = "a";
  for (int t = 0; t < kSteps; ++t) {
    qt::Step step;
    step.stamp_ns = t + 1;
    step.observation.image = Noise(rng);
    episode.steps.push_back(std::move(step));
  }
  episode.labels.push_back({0, "sim", "", 0, true, 1, std::vector<float>(kSteps)});
  episode.evidence = {{"before_drop", kSteps + 1, Noise(rng)},
                      {"after_drop", kSteps + 2, Noise(rng)}};
  return episode;
}

// Pictures' worth of buffers for each of `pictures` pictures.
template <typename Work>
double CopiesOf(double pictures, const Work& work) {
  const uint64_t before = g_allocated_bytes;
  work();
  return double(g_allocated_bytes - before) / double(kPicture_bytes) / pictures;
}

// Does to episode after episode of `file` what `use` does, and counts from the second on.
template <typename Use>
double CopiesOfEach(const qt::Bytes& file, double pictures, const Use& use) {
  qt::episodes::EpisodeReader reader(std::make_unique<qt::MemorySource>(file));
  use(*Must(reader.Next()));
  return CopiesOf((kEpisodes - 1) * pictures, [&] {
    for (int i = 1; i < kEpisodes; ++i) use(*Must(reader.Next()));
  });
}

}  // namespace

int main() {
  using qt::protocol::Framing;
  const qt::Episode episode = MakeEpisode();
  const double pictures = kSteps + 2;
  qt::Bytes file;
  qt::episodes::EpisodeWriter file_writer(std::make_unique<qt::BytesSink>(&file), {});
  for (int i = 0; i < kEpisodes; ++i) Must(file_writer.Write(episode));
  Must(file_writer.Finish());

  qt::episodes::EpisodeWriter writer(std::make_unique<NullSink>(), {});
  Must(writer.Write(episode));
  const double write = CopiesOf(pictures, [&] { Must(writer.Write(episode)); });
  const double read = CopiesOfEach(file, pictures, [](const StoredEpisode&) {});
  const double label = CopiesOfEach(file, pictures, [&](const StoredEpisode& stored) {
    const auto result = Must(qt::label::LabelEpisode(stored.episode, {}));
    Must(writer.WriteCopy(stored, {&result.label, 1}));
  });
  const double replay = CopiesOfEach(file, kSteps, [](const StoredEpisode& stored) {
    Must(qt::replay::MakeReplayEpisode(stored.episode, "sim", {}));
  });
  qt::protocol::ActRequest request;
  request.observation = episode.steps[0].observation;
  const qt::Bytes frame = qt::protocol::Encode(Framing::kBinary, request);
  const double ask = CopiesOf(1, [&] {
    qt::protocol::ActRequest asked;
    asked.observation = episode.steps[0].observation;
    const qt::protocol::FrameParts parts = qt::protocol::LayOut(Framing::kBinary, asked);
    NullSink link;
    Must(link.Write(parts.head));
    Must(link.Write(parts.image));
  });
  const double frame_source = CopiesOf(1, [&] { qt::MemorySource copy(frame); });
  const double answer = CopiesOf(1,
                                 [&] {
                                   qt::MemorySource source(frame);
                                   qt::protocol::FrameReader frames(&source);
                                   const auto got = qt::protocol::DecodeRequest(
                                       *Must(frames.Next()), qt::protocol::WireLimits());
                                   const auto& act = std::get<qt::protocol::ActRequest>(got);
                                   qt::RgbImage storage;
                                   Must(qt::View(act.observation.image, &storage));
                                 }) -
                        frame_source;
  std::printf("%s\n", qt::Json({{"picture_bytes", kPicture_bytes},
                                {"write", write},
                                {"read", read},
                                {"label", label},
                                {"replay", replay},
                                {"ask", ask},
                                {"answer", answer}})
                          .dump()
                          .c_str());
  return 0;
}
