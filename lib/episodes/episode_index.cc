// SPDX-License-Identifier: Apache-2.0
// IndexedEpisodeReader: where the episodes of a regular file are, from its summary or from reading
// it once, and one episode at a time from there.

#include <algorithm>
#include <array>
#include <cstring>

#include "base/digest.h"
#include "episodes/episode_reader.h"
#include "episodes/episode_walk.h"

namespace qt::episodes {
namespace {

constexpr uint64_t kMaxSummaryBytes = 256u << 20;

struct FileIndex {
  std::vector<ChannelTable> parts;  // files joined by `cat` have several
  std::vector<EpisodeWalk::Place> episodes;
};

// Parses only where a ChunkIndex's chunk is; unpacking the rest of 10,000 takes milliseconds.
Result<EpisodeWalk::Place> ParsePlace(ByteSpan body) {
  uint64_t fields[4];  // start and end time, offset, length
  if (body.size() < sizeof fields) return Corrupt("a ChunkIndex record is too short");
  std::memcpy(fields, body.data(), sizeof fields);
  return EpisodeWalk::Place{fields[2], fields[2] + fields[3], 0};
}

Status AddSummaryRecord(const mcap::RecordView& record, FileIndex* index) {
  if (record.op == mcap::kSchema) {
    QT_ASSIGN(mcap::Schema schema, mcap::ParseSchema(record.body));
    index->parts[0].Add(std::move(schema));
  } else if (record.op == mcap::kChannel) {
    QT_ASSIGN(const mcap::Channel channel, mcap::ParseChannel(record.body));
    index->parts[0].Add(channel);
  } else if (record.op == mcap::kChunkIndex) {
    QT_ASSIGN(const EpisodeWalk::Place place, ParsePlace(record.body));
    index->episodes.push_back(place);
  }
  return Ok();
}

// The footer and the closing magic are the last bytes of a finished file.
Result<mcap::Footer> ReadFooter(const RandomAccessFile& file) {
  constexpr uint64_t kTailBytes = mcap::kFooterBytes + mcap::kMagic.size();
  if (file.size_bytes() < kTailBytes + mcap::kMagic.size()) return Corrupt("is too short");
  std::array<uint8_t, kTailBytes> tail;
  QT_TRY(file.ReadAt(file.size_bytes() - kTailBytes, tail));
  const bool ends_well =
      std::equal(mcap::kMagic.begin(), mcap::kMagic.end(), tail.begin() + mcap::kFooterBytes);
  if (!ends_well || tail[0] != mcap::kFooter) return Corrupt("has no footer");
  return mcap::ParseFooter(ByteSpan(tail).subspan(mcap::kFramingBytes, 20));
}

// The footer's checksum covers the summary and the footer up to the checksum itself; it cannot
// match in a file that was put together by `cat`.
Result<Bytes> ReadSummary(const RandomAccessFile& file) {
  QT_ASSIGN(const mcap::Footer footer, ReadFooter(file));
  const uint64_t end = file.size_bytes() - mcap::kMagic.size() - sizeof footer.summary_crc;
  const uint64_t footer_start = file.size_bytes() - mcap::kMagic.size() - mcap::kFooterBytes;
  if (footer.summary_start == 0 || footer.summary_start > footer_start) {
    return Corrupt("has no summary");
  }
  if (end - footer.summary_start > kMaxSummaryBytes) return Corrupt("has too large a summary");
  Bytes bytes(end - footer.summary_start);
  QT_TRY(file.ReadAt(footer.summary_start, bytes));
  if (footer.summary_crc != 0 && Crc32(0, bytes) != footer.summary_crc) {
    return Corrupt("has a damaged summary");
  }
  bytes.resize(footer_start - footer.summary_start);
  return bytes;
}

// The index has a checksum and a chunk is checked when it is read, so places are only compared with
// the size of the file: 10,000 looks into the file would take longer than all else.
Status CheckPlaces(const RandomAccessFile& file, const FileIndex& index) {
  for (const EpisodeWalk::Place& chunk : index.episodes) {
    const bool fits = chunk.start < chunk.end && chunk.end <= file.size_bytes() &&
                      chunk.end - chunk.start <= mcap::kMaxChunkBytes + mcap::kFramingBytes;
    if (!fits) return Corrupt("the index points to something else than a chunk");
  }
  return Ok();
}

// Checks that our writer made the file: then every chunk is an episode.
Status CheckIsOurs(const RandomAccessFile& file, ChannelTable* channels) {
  constexpr size_t kMaxHeaderBytes = 4096;
  Bytes bytes(std::min<uint64_t>(kMaxHeaderBytes, file.size_bytes()));
  QT_TRY(file.ReadAt(0, bytes));
  const size_t start = mcap::kMagic.size() + mcap::kFramingBytes;
  uint64_t length = 0;
  if (bytes.size() > start) std::memcpy(&length, bytes.data() + mcap::kMagic.size() + 1, 8);
  if (bytes.size() < start || length > bytes.size() - start) return Corrupt("has no header");
  channels->AddHeader(ByteSpan(bytes).subspan(start, length));
  return channels->ours() ? Ok() : Corrupt("is not by our writer");
}

Result<FileIndex> IndexFromSummary(const RandomAccessFile& file) {
  QT_ASSIGN(const Bytes summary, ReadSummary(file));
  FileIndex index;
  index.parts.resize(1);
  QT_TRY(CheckIsOurs(file, &index.parts[0]));
  QT_TRY(mcap::ForEachRecord(
      summary, [&](const mcap::RecordView& record) { return AddSummaryRecord(record, &index); }));
  QT_TRY(CheckPlaces(file, index));
  std::sort(index.episodes.begin(), index.episodes.end(),
            [](const auto& a, const auto& b) { return a.start < b.start; });
  return index;
}

// Finds the episodes of a file without a usable summary (cut short, damaged, joined by `cat`) or
// with chunks that are not episodes.
Result<FileIndex> IndexFromWalk(const std::string& path) {
  QT_ASSIGN(std::unique_ptr<ByteSource> source, OpenFile(path));
  EpisodeWalk walk(std::move(source), ReadOptions());
  FileIndex index;
  for (;;) {
    QT_ASSIGN(const std::optional<EpisodeWalk::Found> found, walk.Next());
    if (!found) return index;
    index.parts.resize(std::max(index.parts.size(), found->place.part + 1));
    index.parts[found->place.part] = walk.channels();
    index.episodes.push_back(found->place);
  }
}

// A stretch of a file.
class RangeSource : public ByteSource {
 public:
  RangeSource(const RandomAccessFile& file, uint64_t start, uint64_t end)
      : file_(file), position_(start), end_(end) {}
  Result<size_t> Read(std::span<uint8_t> bytes) override {
    const size_t n = std::min<uint64_t>(bytes.size(), end_ - position_);
    QT_TRY(file_.ReadAt(position_, bytes.first(n)));
    position_ += n;
    return n;
  }
  const std::string& name() const override { return file_.name(); }

 private:
  const RandomAccessFile& file_;
  uint64_t position_, end_;
};

}  // namespace

struct IndexedEpisodeReader::Impl {
  std::unique_ptr<RandomAccessFile> file;
  FileIndex index;

  // Several episodes may start in the same chunk: those before k in the index come first.
  Result<StoredEpisode> ReadEpisode(size_t k) const {
    const EpisodeWalk::Place& place = index.episodes[k];
    size_t skip = 0;
    while (skip < k && index.episodes[k - skip - 1].start == place.start) ++skip;
    EpisodeWalk walk(std::make_unique<RangeSource>(*file, place.start, place.end), place.start,
                     index.parts[place.part]);
    for (;;) {
      QT_ASSIGN(std::optional<EpisodeWalk::Found> found, walk.Next());
      if (!found) break;
      if (found->place.start == place.start && skip-- == 0) return std::move(found->stored);
    }
    if (!walk.damage().empty()) return walk.damage()[0].status;
    return Corrupt("a chunk does not hold a whole episode");
  }
};

IndexedEpisodeReader::IndexedEpisodeReader() : impl_(std::make_unique<Impl>()) {}
IndexedEpisodeReader::~IndexedEpisodeReader() = default;

Result<std::unique_ptr<IndexedEpisodeReader>> IndexedEpisodeReader::Open(const std::string& path) {
  std::unique_ptr<IndexedEpisodeReader> reader(new IndexedEpisodeReader());
  QT_ASSIGN(reader->impl_->file, RandomAccessFile::Open(path));
  Result<FileIndex> index = IndexFromSummary(*reader->impl_->file);
  if (!index.ok()) index = IndexFromWalk(path);
  if (!index.ok()) return std::move(index).status();
  reader->impl_->index = std::move(index).value();
  return reader;
}

size_t IndexedEpisodeReader::size() const { return impl_->index.episodes.size(); }

Result<StoredEpisode> IndexedEpisodeReader::Read(size_t k) const {
  if (k >= size()) return NotFound("has no episode " + std::to_string(k)).At(impl_->file->name());
  Result<StoredEpisode> episode = impl_->ReadEpisode(k);
  if (!episode.ok()) {
    return std::move(episode).status().At(impl_->file->name(), impl_->index.episodes[k].start);
  }
  return episode;
}

}  // namespace qt::episodes
