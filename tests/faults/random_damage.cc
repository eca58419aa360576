// SPDX-License-Identifier: Apache-2.0
// Damages episode files at random and reads them: an episode whose bytes are untouched is never
// lost, nothing is read that was not written, and what is missing is told. By stream, in pieces, by
// index, and after recovery into a new file.
//
// usage: random_damage EDITS [SEED]
// The test suite makes some; 10,000 is the whole (bench/README.md).
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_writer.h"
#include "mcap/mcap.h"
#include "support/memory_stream.h"
#include "support/sample_episode.h"
#include "support/temp_dir.h"

namespace qt::episodes {
namespace {

constexpr uint32_t kForeign = UINT32_MAX;

// A file, and for each of its bytes where it stood in the file as it was written.
struct Damaged {
  Bytes bytes;
  std::vector<uint32_t> origins;  // kForeign for bytes that never were there
};

struct Span {
  size_t start = 0, end = 0;
};

// A file as it was written: the chunk of each episode, and its records.
struct Original {
  std::string name;
  Bytes bytes;
  std::vector<Span> chunks;
  std::vector<Bytes> records;
};

struct Reading {
  std::vector<StoredEpisode> episodes;
  size_t damage = 0;
  std::string error;
};

Reading Read(std::unique_ptr<ByteSource> source) {
  Reading reading;
  EpisodeReader reader(std::move(source));
  for (;;) {
    Result<std::optional<StoredEpisode>> next = reader.Next();
    if (!next.ok()) reading.error = next.status().ToString();
    if (!next.ok() || !next->has_value()) break;
    reading.episodes.push_back(std::move(**next));
  }
  reading.damage = reader.damage().size();
  return reading;
}

Reading ReadBytes(const Bytes& bytes, size_t piece_bytes = SIZE_MAX) {
  return Read(std::make_unique<MemorySource>(bytes, piece_bytes));
}

// By index; an episode that cannot be read counts as damage.
Reading ReadFile(const std::string& path) {
  Reading reading;
  const auto reader = IndexedEpisodeReader::Open(path);
  if (!reader.ok()) {
    reading.error = reader.status().ToString();
    return reading;
  }
  for (size_t k = 0; k < (*reader)->size(); ++k) {
    Result<StoredEpisode> stored = (*reader)->Read(k);
    if (stored.ok()) {
      reading.episodes.push_back(std::move(stored).value());
    } else {
      ++reading.damage;
    }
  }
  return reading;
}

// Not synced: thousands of them are written, and none is kept.
void Write(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

// The chunks of whole files, one after the other, without asking the readers.
std::vector<Span> ChunksOf(const Bytes& bytes) {
  std::vector<Span> chunks;
  for (size_t at = mcap::kMagic.size(); at + mcap::kFramingBytes <= bytes.size();) {
    if (std::equal(mcap::kMagic.begin(), mcap::kMagic.end(), bytes.data() + at)) {
      at += mcap::kMagic.size();
      continue;
    }
    uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at + 1, sizeof length);
    const size_t end = at + mcap::kFramingBytes + length;
    if (bytes[at] == mcap::kChunk) chunks.push_back({at, end});
    at = end;
  }
  return chunks;
}

Bytes Written(const std::vector<StoredEpisode>& episodes, const std::vector<Label>& labels = {}) {
  Bytes bytes;
  EpisodeWriter writer(std::make_unique<BytesSink>(&bytes), {});
  for (const StoredEpisode& stored : episodes) {
    std::vector<Label> fitting = labels;
    for (Label& label : fitting) {
      label.reward = Rewards(label.success, stored.episode.steps.size(), -0.05);
    }
    if (!writer.WriteCopy(stored, fitting).ok()) std::abort();
  }
  if (!writer.Finish().ok()) std::abort();
  return bytes;
}

// Episodes of 0 to 12 steps, some with raw pictures, some with pictures that do not compress.
std::vector<StoredEpisode> Fresh(uint32_t first, uint32_t count, RandomStream& random) {
  std::vector<StoredEpisode> episodes;
  for (uint32_t index = first; index < first + count; ++index) {
    Episode episode = SampleEpisode(index, static_cast<uint32_t>(random.Below(13)));
    const uint64_t kind = random.Below(3);
    for (Step& step : episode.steps) {
      if (kind == 0) step.observation.image = SampleRaw(static_cast<uint8_t>(index));
      Bytes picture = step.observation.image.bytes.ToBytes();
      for (int i = 0; kind == 1 && i < 400; ++i) {
        picture.insert(picture.end() - 2, static_cast<uint8_t>(random.Below(128)));
      }
      step.observation.image.bytes = std::move(picture);
    }
    episodes.push_back({std::move(episode), {}});
  }
  return episodes;
}

Original Make(const std::string& name, Bytes bytes, size_t keep_bytes = SIZE_MAX) {
  Original original{name, std::move(bytes), {}, {}};
  original.bytes.resize(std::min(original.bytes.size(), keep_bytes));
  original.chunks = ChunksOf(original.bytes);
  for (StoredEpisode& stored : ReadBytes(original.bytes).episodes) {
    original.records.push_back(stored.records.ToBytes());
  }
  if (original.records.size() != original.chunks.size()) std::abort();
  return original;
}

std::vector<Original> Originals(uint64_t seed) {
  RandomStream random(seed, "originals");
  const Bytes plain = Written(Fresh(0, 12, random));
  Label label;
  label.source = "test";
  label.success = true;
  const Bytes labelled = Written(ReadBytes(plain).episodes, {label});
  Bytes joined = Written(Fresh(20, 5, random));
  for (const Bytes& more : {Written(Fresh(30, 4, random)), Written(Fresh(40, 3, random))}) {
    joined.insert(joined.end(), more.begin(), more.end());
  }
  const Bytes unfinished = Written(Fresh(50, 6, random));
  return {Make("plain", plain), Make("labelled", labelled), Make("joined", joined),
          Make("unfinished", unfinished, ChunksOf(unfinished).back().end)};
}

Damaged Undamaged(const Original& original) {
  Damaged damaged{original.bytes, std::vector<uint32_t>(original.bytes.size())};
  for (size_t i = 0; i < damaged.origins.size(); ++i) {
    damaged.origins[i] = static_cast<uint32_t>(i);
  }
  return damaged;
}

void Replace(size_t at, size_t count, const Bytes& with, Damaged* file) {
  const auto bytes = file->bytes.begin() + static_cast<ptrdiff_t>(at);
  const auto origins = file->origins.begin() + static_cast<ptrdiff_t>(at);
  const auto n = static_cast<ptrdiff_t>(count);
  file->bytes.insert(file->bytes.erase(bytes, bytes + n), with.begin(), with.end());
  file->origins.insert(file->origins.erase(origins, origins + n), with.size(), kForeign);
}

Bytes RandomBytes(size_t count, RandomStream& random) {
  Bytes bytes(count);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  return bytes;
}

// Mostly small, sometimes some episodes long.
size_t Length(RandomStream& random) {
  const size_t limits[] = {1, 8, 64, 512, 4096, 16384};
  return 1 + random.Below(limits[random.Below(std::size(limits))]);
}

// The places that matter most are the heads of records: a third of the edits begins there.
size_t Place(const Original& original, const Damaged& file, RandomStream& random) {
  const size_t anywhere = random.Below(file.bytes.size() + 1);
  if (original.chunks.empty() || random.Below(3) != 0) return anywhere;
  const size_t head = original.chunks[random.Below(original.chunks.size())].start;
  return std::min(head + random.Below(60), file.bytes.size());
}

enum class Edit : uint8_t {
  kFlip,
  kOverwrite,
  kZero,
  kErase,
  kCutEnd,
  kCutStart,
  kInsert,
  kRepeat
};
constexpr std::array kEditNames = {"flip",        "overwrite",     "zero",   "erase",
                                   "cut the end", "cut the start", "insert", "repeat"};

// Makes the edit at `at`; false if there was nothing to edit.
bool Apply(Edit edit, size_t at, RandomStream& random, Damaged* file) {
  const size_t length = Length(random), behind = std::min(length, file->bytes.size() - at);
  switch (edit) {
    case Edit::kFlip:
      if (behind == 0) return false;
      file->bytes[at] ^= static_cast<uint8_t>(1u << random.Below(8));
      file->origins[at] = kForeign;
      return true;
    case Edit::kOverwrite:
      Replace(at, behind, RandomBytes(behind, random), file);
      return behind > 0;
    case Edit::kZero:
      Replace(at, behind, Bytes(behind), file);
      return behind > 0;
    case Edit::kErase:
      Replace(at, behind, {}, file);
      return behind > 0;
    case Edit::kCutEnd:
      if (random.Below(4) != 0) return false;  // little would be left to look at
      Replace(at, file->bytes.size() - at, {}, file);
      return true;
    case Edit::kCutStart:
      if (random.Below(4) != 0) return false;
      Replace(0, at, {}, file);
      return true;
    case Edit::kInsert:
      Replace(at, 0, RandomBytes(length, random), file);
      return true;
    case Edit::kRepeat: {  // a stretch of the file itself, which looks like records
      const size_t from = random.Below(file->bytes.size() + 1);
      const size_t n = std::min(length, file->bytes.size() - from);
      const Bytes piece(file->bytes.begin() + static_cast<ptrdiff_t>(from),
                        file->bytes.begin() + static_cast<ptrdiff_t>(from + n));
      Replace(at, 0, piece, file);
      return n > 0;
    }
  }
  return false;
}

// Whether each chunk is still there, in one piece.
std::vector<bool> Untouched(const Original& original, const Damaged& file) {
  std::map<size_t, size_t> chunk_at;
  for (size_t k = 0; k < original.chunks.size(); ++k) chunk_at[original.chunks[k].start] = k;
  std::vector<bool> untouched(original.chunks.size());
  for (size_t at = 0; at < file.origins.size(); ++at) {
    const auto found = chunk_at.find(file.origins[at]);
    if (found == chunk_at.end()) continue;
    const Span chunk = original.chunks[found->second];
    const size_t length = chunk.end - chunk.start;
    if (file.origins.size() - at < length) continue;
    bool whole = true;
    for (size_t i = 0; i < length && whole; ++i) whole = file.origins[at + i] == chunk.start + i;
    untouched[found->second] = untouched[found->second] || whole;
  }
  return untouched;
}

class Checker {
 public:
  explicit Checker(uint64_t seed) : seed_(seed), originals_(Originals(seed)) {}

  // One file with some damage.
  void Case(uint64_t number) {
    RandomStream random(seed_, "damage", number);
    const Original& original = originals_[random.Below(originals_.size())];
    Damaged file = Undamaged(original);
    story_ = "case " + std::to_string(number) + ", " + original.name;
    for (uint64_t left = 1 + random.Below(4); left > 0; --left) {
      const auto edit = static_cast<Edit>(random.Below(kEditNames.size()));
      const size_t at = Place(original, file, random);
      if (!Apply(edit, at, random, &file)) continue;
      ++made_[static_cast<size_t>(edit)];
      story_ +=
          std::string("; ") + kEditNames[static_cast<size_t>(edit)] + " at " + std::to_string(at);
    }
    const uint64_t failures = failures_;
    Check(original, file, random);
    if (failures_ > failures) Keep(number, file);
  }

  uint64_t num_edits() const {
    uint64_t sum = 0;
    for (const uint64_t count : made_) sum += count;
    return sum;
  }

  int Report(uint64_t num_files) const {
    std::printf("%llu edits in %llu files, seed %llu\n", (unsigned long long)num_edits(),
                (unsigned long long)num_files, (unsigned long long)seed_);
    for (size_t i = 0; i < made_.size(); ++i) {
      std::printf("%-14s %6llu\n", kEditNames[i], (unsigned long long)made_[i]);
    }
    std::printf(
        "episodes: %llu untouched, %llu touched, of these %llu read all the same\n%llu failures\n",
        (unsigned long long)untouched_, (unsigned long long)touched_, (unsigned long long)saved_,
        (unsigned long long)failures_);
    return failures_ == 0 ? 0 : 1;
  }

 private:
  void Fail(const std::string& what) {
    std::printf("FAILED: %s: %s\n", story_.c_str(), what.c_str());
    ++failures_;
  }

  // To be looked at.
  void Keep(uint64_t number, const Damaged& file) const {
    const std::string name =
        "damaged-" + std::to_string(seed_) + "-" + std::to_string(number) + ".mcap";
    const std::string path = std::filesystem::temp_directory_path() / name;
    Write(path, file.bytes);
    std::printf("kept as %s\n", path.c_str());
  }

  // How often each episode was read, counted once for each reading of the same file.
  std::vector<size_t> Count(const Original& original, const Reading& reading,
                            const std::string& how) {
    std::vector<size_t> counts(original.records.size());
    for (const StoredEpisode& stored : reading.episodes) {
      const auto found = std::ranges::find(original.records, stored.records);
      if (found == original.records.end()) {
        Fail(how + ": an episode that nobody wrote");
      } else {
        ++counts[static_cast<size_t>(found - original.records.begin())];
      }
    }
    return counts;
  }

  void RequireAll(const std::vector<bool>& untouched, const std::vector<size_t>& counts,
                  const std::string& how) {
    for (size_t k = 0; k < untouched.size(); ++k) {
      if (untouched[k] && counts[k] == 0) Fail(how + ": episode " + std::to_string(k) + " is lost");
    }
  }

  void Check(const Original& original, const Damaged& file, RandomStream& random) {
    const std::vector<bool> untouched = Untouched(original, file);
    const Reading reading = ReadBytes(file.bytes);
    const std::vector<size_t> counts = Count(original, reading, "stream");
    RequireAll(untouched, counts, "stream");
    for (size_t k = 0; k < counts.size(); ++k) {
      (untouched[k] ? untouched_ : touched_) += 1;
      saved_ += !untouched[k] && counts[k] > 0;
    }
    const bool some_lost = std::ranges::count(counts, 0u) > 0;
    if (some_lost && reading.damage == 0 && reading.error.empty())
      Fail("nothing is said of a loss");

    const Reading pieces = ReadBytes(file.bytes, 1 + random.Below(997));
    if (Count(original, pieces, "pieces") != counts) Fail("other episodes when read in pieces");

    const Reading recovered = ReadBytes(Written(reading.episodes));
    if (recovered.damage != 0 || !recovered.error.empty() ||
        recovered.episodes.size() != reading.episodes.size()) {
      Fail("what is recovered does not read back");
    }
    CheckIndexed(original, file, untouched);
  }

  // An index may point to where chunks no longer are; then that is said.
  void CheckIndexed(const Original& original, const Damaged& file,
                    const std::vector<bool>& untouched) {
    const std::string path = folder_.File("damaged.mcap");
    Write(path, file.bytes);
    const Reading reading = ReadFile(path);
    const std::vector<size_t> counts = Count(original, reading, "index");
    if (reading.damage == 0 && reading.error.empty()) RequireAll(untouched, counts, "index");
  }

  uint64_t seed_;
  std::vector<Original> originals_;
  TempDir folder_;
  std::string story_;
  std::array<uint64_t, kEditNames.size()> made_{};
  uint64_t untouched_ = 0, touched_ = 0, saved_ = 0, failures_ = 0;
};

}  // namespace
}  // namespace qt::episodes

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: random_damage EDITS [SEED]\n");
    return 2;
  }
  const uint64_t edits = std::strtoull(argv[1], nullptr, 10);
  qt::episodes::Checker checker(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  uint64_t number = 0;
  while (checker.num_edits() < edits) checker.Case(number++);
  return checker.Report(number);
}
