// SPDX-License-Identifier: Apache-2.0
// Speed of episode files: writing, reading and finding one of many, against bare zstd and CRC-32 of
// the same bytes in the same run. Prints one line of JSON.
//
//   bench_record_speed EPISODES.mcap [MEGABYTES [FOLDER]]
//
// The episodes of the file, again and again until they are MEGABYTES (40), go into a file in FOLDER
// (the folder for temporary files).
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/random.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "episodes/file_check.h"
#include "harness.h"
#include "json/json.h"

namespace {

using qt::Bytes;
using qt::ByteSpan;
using qt::Episode;
using qt::SharedBytes;
using qt::bench::Die;
using qt::bench::Must;
using qt::episodes::EpisodeReader;
using qt::episodes::EpisodeWriter;
using qt::episodes::IndexedEpisodeReader;

constexpr int kRounds = 9;
constexpr int kIndexedEpisodes = 10'000;

// Processor time of this thread: other programs on the machine do not count.
double ProcessorSeconds(const std::function<void()>& work) {
  timespec start, end;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
  work();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return double(end.tv_sec - start.tv_sec) + 1e-9 * double(end.tv_nsec - start.tv_nsec);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Keeps everything, or nothing.
class BenchSink : public qt::ByteSink {
 public:
  explicit BenchSink(Bytes* contents) : contents_(contents) {}
  qt::Status Write(ByteSpan bytes) override {
    if (contents_ != nullptr) contents_->insert(contents_->end(), bytes.begin(), bytes.end());
    return qt::Ok();
  }
  qt::Status Flush() override { return qt::Ok(); }
  qt::Status Commit() override { return qt::Ok(); }
  const std::string& name() const override { return name_; }

 private:
  Bytes* contents_;
  std::string name_ = "memory";
};

void WriteAll(const std::vector<Episode>& episodes, Bytes* contents) {
  EpisodeWriter writer(std::make_unique<BenchSink>(contents), {});
  for (const Episode& episode : episodes) Must(writer.Write(episode));
  Must(writer.Finish());
}

// The chunks of the episodes, as the floor works on them.
struct Plain {
  std::vector<SharedBytes> records;
  std::vector<Bytes> compressed;
  size_t total_bytes = 0, largest_bytes = 0;
};

std::vector<qt::episodes::StoredEpisode> ReadStored(const std::string& path) {
  EpisodeReader reader(Must(qt::OpenFile(path)));
  std::vector<qt::episodes::StoredEpisode> stored;
  while (std::optional<qt::episodes::StoredEpisode> episode = Must(reader.Next())) {
    stored.push_back(*std::move(episode));
  }
  return stored;
}

using Compressor = std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

size_t CompressAll(Plain* plain, ZSTD_CCtx* context, Bytes* buffer, bool keep) {
  size_t sum = 0;
  for (const SharedBytes& records : plain->records) {
    sum += qt::Crc32(0, records);
    const size_t n = ZSTD_compressCCtx(context, buffer->data(), buffer->size(), records.data(),
                                       records.size(), 1);
    sum += n;
    if (keep) plain->compressed.emplace_back(buffer->begin(), buffer->begin() + ptrdiff_t(n));
  }
  return sum;
}

size_t DecompressAll(const Plain& plain, ZSTD_DCtx* context, Bytes* buffer) {
  size_t sum = 0;
  for (const Bytes& compressed : plain.compressed) {
    const size_t n = ZSTD_decompressDCtx(context, buffer->data(), buffer->size(), compressed.data(),
                                         compressed.size());
    sum += qt::Crc32(0, ByteSpan(*buffer).first(n));
  }
  return sum;
}

Plain MakePlain(const std::string& path) {
  Plain plain;
  for (qt::episodes::StoredEpisode& stored : ReadStored(path)) {
    plain.total_bytes += stored.records.size();
    plain.largest_bytes = std::max(plain.largest_bytes, stored.records.size());
    plain.records.push_back(std::move(stored.records));
  }
  return plain;
}

size_t ReadAll(const std::string& path) {
  EpisodeReader reader(Must(qt::OpenFile(path)));
  size_t num_steps = 0;
  while (const std::optional<qt::episodes::StoredEpisode> episode = Must(reader.Next())) {
    num_steps += episode->episode.steps.size();
  }
  return num_steps;
}

// What bare zstd does as well: the bytes come from the file, in pieces.
void ReadBare(const std::string& path, Bytes* buffer) {
  const std::unique_ptr<qt::ByteSource> source = Must(qt::OpenFile(path));
  while (Must(source->Read(*buffer)) > 0) {
  }
}

void CheckAll(const std::string& path) {
  qt::episodes::CheckTotals totals;
  Must(qt::episodes::CheckFile(
      Must(qt::OpenFile(path)), {}, 1, [](const qt::episodes::Finding&) {}, &totals));
  if (totals.errors > 0) Die(qt::Failed("the file that was written is not right"));
}

qt::Json Figure(double mb, const std::vector<double>& ours_s, const std::vector<double>& floor_s) {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours_s.size(); ++i) ratios.push_back(floor_s[i] / ours_s[i]);
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return {{"mb_per_s", mb / Median(ours_s)},
          {"floor_mb_per_s", mb / Median(floor_s)},
          {"ratio", Median(ratios)},
          {"ratio_lowest", *low},
          {"ratio_highest", *high}};
}

// Ours and the floor in turn, so that what else the machine does hits both.
qt::Json Compare(double mb, const std::function<void()>& ours, const std::function<void()>& floor) {
  std::vector<double> ours_s, floor_s;
  ours();
  floor();
  for (int round = 0; round < kRounds; ++round) {
    ours_s.push_back(ProcessorSeconds(ours));
    floor_s.push_back(ProcessorSeconds(floor));
  }
  return Figure(mb, ours_s, floor_s);
}

// One episode of a file of 10,000: with the file just opened, and with the reader at hand.
qt::Json RandomAccess(const std::string& path, const std::vector<Episode>& episodes) {
  {
    EpisodeWriter writer(Must(qt::CreateFile(path, qt::Overwrite::kYes)), {});
    for (size_t i = 0; i < kIndexedEpisodes; ++i) {
      Must(writer.Write(episodes[i % episodes.size()]));
    }
    Must(writer.Finish());
  }
  qt::RandomStream random(1, "record_speed");
  std::vector<double> open_s, read_s, unpack_s;
  Bytes buffer(64 << 20);
  const Compressor compressor(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  const Decompressor decompressor(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  for (int round = 0; round < 25; ++round) {
    const size_t k = random.Below(kIndexedEpisodes);
    std::unique_ptr<IndexedEpisodeReader> reader;
    Plain plain;
    open_s.push_back(ProcessorSeconds([&] { reader = Must(IndexedEpisodeReader::Open(path)); }));
    read_s.push_back(
        ProcessorSeconds([&] { plain.records.push_back(Must(reader->Read(k)).records); }));
    CompressAll(&plain, compressor.get(), &buffer, /*keep=*/true);
    unpack_s.push_back(
        ProcessorSeconds([&] { DecompressAll(plain, decompressor.get(), &buffer); }));
  }
  std::filesystem::remove(path);
  const double open_ms = 1e3 * Median(open_s), read_ms = 1e3 * Median(read_s);
  const double unpack_ms = 1e3 * Median(unpack_s);
  return {{"episodes", kIndexedEpisodes},
          {"open_ms", open_ms},
          {"read_ms", read_ms},
          {"decompress_ms", unpack_ms},
          {"beyond_decompression_ms", open_ms + read_ms - unpack_ms}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) Die(qt::Usage("bench_record_speed EPISODES.mcap [MEGABYTES [FOLDER]]"));
  const double wanted_mb = argc > 2 ? std::atof(argv[2]) : 40;
  const std::string folder = argc > 3 ? argv[3] : std::filesystem::temp_directory_path().string();
  const std::string path = folder + "/record_speed." + std::to_string(::getpid()) + ".mcap";

  std::vector<Episode> sample;
  double sample_mb = 0;
  for (qt::episodes::StoredEpisode& stored : ReadStored(argv[1])) {
    sample_mb += 1e-6 * double(stored.records.size());
    sample.push_back(std::move(stored.episode));
  }
  if (sample.empty()) Die(qt::Failed("holds no episodes").At(argv[1]));
  std::vector<Episode> episodes;
  for (double mb = 0; mb < wanted_mb; mb += sample_mb) {
    episodes.insert(episodes.end(), sample.begin(), sample.end());
  }
  {
    EpisodeWriter writer(Must(qt::CreateFile(path, qt::Overwrite::kYes)), {});
    for (const Episode& episode : episodes) Must(writer.Write(episode));
    Must(writer.Finish());
  }
  Plain plain = MakePlain(path);
  Bytes buffer(ZSTD_compressBound(plain.largest_bytes));
  const Compressor compressor(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  const Decompressor decompressor(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  CompressAll(&plain, compressor.get(), &buffer, /*keep=*/true);

  const double mb = 1e-6 * double(plain.total_bytes);
  volatile size_t sink = 0;  // so that nothing is left out
  const qt::Json write = Compare(
      mb, [&] { WriteAll(episodes, nullptr); },
      [&] { sink = sink + CompressAll(&plain, compressor.get(), &buffer, /*keep=*/false); });
  const qt::Json read = Compare(
      mb, [&] { sink = sink + ReadAll(path); },
      [&] { sink = sink + DecompressAll(plain, decompressor.get(), &buffer); });
  Bytes piece(256 << 10);
  const qt::Json read_from_file = Compare(
      mb, [&] { sink = sink + ReadAll(path); },
      [&] {
        ReadBare(path, &piece);
        sink = sink + DecompressAll(plain, decompressor.get(), &buffer);
      });
  const qt::Json check = Compare(
      mb, [&] { CheckAll(path); }, [&] { sink = sink + ReadAll(path); });
  const qt::Json result = {{"episodes", episodes.size()},
                           {"uncompressed_mb", mb},
                           {"file_mb", 1e-6 * double(std::filesystem::file_size(path))},
                           {"write", write},
                           {"read", read},
                           {"read_over_file_floor", read_from_file},
                           {"check_over_read", check},
                           {"random_access", RandomAccess(path, sample)}};
  std::filesystem::remove(path);
  std::printf("%s\n", result.dump().c_str());
}
