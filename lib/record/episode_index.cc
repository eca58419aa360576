// IndexedEpisodeReader: where the chunks of a regular file are, from its summary or from a scan of
// the record heads, and one chunk at a time from there.

#include <algorithm>
#include <array>
#include <cstring>

#include "base/digest.h"
#include "record/episode_assembler.h"
#include "record/episode_reader.h"
#include "record/mcap_scanner.h"

namespace qt::record {
namespace {

constexpr uint64_t kMaxSummaryBytes = 256u << 20;

struct ChunkPlace {
  uint64_t offset = 0, length = 0;  // of the whole record
  size_t part = 0;                  // which channel table: files joined by `cat` have several
};

struct FileIndex {
  std::vector<ChannelTable> parts;
  std::vector<ChunkPlace> chunks;
};

Status AddSummaryRecord(const mcap::RecordView& record, FileIndex* index) {
  if (record.op == mcap::kSchema) {
    QT_ASSIGN(mcap::Schema schema, mcap::ParseSchema(record.body));
    index->parts[0].Add(std::move(schema));
  } else if (record.op == mcap::kChannel) {
    QT_ASSIGN(const mcap::Channel channel, mcap::ParseChannel(record.body));
    index->parts[0].Add(channel);
  } else if (record.op == mcap::kChunkIndex) {
    QT_ASSIGN(const mcap::ChunkIndex chunk, mcap::ParseChunkIndex(record.body));
    index->chunks.push_back({chunk.offset, chunk.length, 0});
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

Status CheckChunk(const RandomAccessFile& file, const ChunkPlace& chunk) {
  std::array<uint8_t, mcap::kFramingBytes> head;
  QT_TRY(file.ReadAt(chunk.offset, head));
  uint64_t length = 0;
  std::memcpy(&length, head.data() + 1, sizeof length);
  const bool fits = head[0] == mcap::kChunk && length <= mcap::kMaxChunkBytes &&
                    length + mcap::kFramingBytes == chunk.length;
  return fits ? Ok() : Corrupt("the index points to something else than a chunk");
}

Result<FileIndex> IndexFromSummary(const RandomAccessFile& file) {
  QT_ASSIGN(const Bytes summary, ReadSummary(file));
  FileIndex index;
  index.parts.resize(1);
  QT_TRY(mcap::ForEachRecord(
      summary, [&](const mcap::RecordView& record) { return AddSummaryRecord(record, &index); }));
  for (const ChunkPlace& chunk : index.chunks) QT_TRY(CheckChunk(file, chunk));
  std::sort(index.chunks.begin(), index.chunks.end(),
            [](const ChunkPlace& a, const ChunkPlace& b) { return a.offset < b.offset; });
  return index;
}

void AddScannedRecord(const mcap::ScannedRecord& record, FileIndex* index) {
  if (record.op == mcap::kHeader) {
    index->parts.emplace_back();
    index->parts.back().AddHeader(record.body);
  }
  if (index->parts.empty()) return;
  if (record.op == mcap::kSchema) {
    if (auto schema = mcap::ParseSchema(record.body); schema.ok()) {
      index->parts.back().Add(std::move(schema).value());
    }
  } else if (record.op == mcap::kChannel) {
    if (const auto channel = mcap::ParseChannel(record.body); channel.ok()) {
      index->parts.back().Add(*channel);
    }
  } else if (record.op == mcap::kChunk) {
    index->chunks.push_back(
        {record.offset, mcap::kFramingBytes + record.length, index->parts.size() - 1});
  }
}

// Finds the chunks of a file without a usable summary: cut short, damaged or joined by `cat`.
Result<FileIndex> IndexFromScan(const std::string& path) {
  QT_ASSIGN(std::unique_ptr<ByteSource> source, OpenFile(path));
  mcap::Scanner scanner(std::move(source));
  FileIndex index;
  for (;;) {
    const Result<std::optional<mcap::ScannedRecord>> record = scanner.Next();
    const bool cut_short = !record.ok() && record.status().code() == Code::kCorrupt;
    if (!record.ok() && (!cut_short || index.parts.empty())) return record.status();
    if (!record.ok() || !record->has_value()) return index;
    AddScannedRecord(**record, &index);
  }
}

}  // namespace

struct IndexedEpisodeReader::Impl {
  std::unique_ptr<RandomAccessFile> file;
  FileIndex index;

  Result<StoredEpisode> ReadChunk(const ChunkPlace& place) const {
    Bytes record(place.length);
    QT_TRY(file->ReadAt(place.offset, record));
    QT_ASSIGN(const mcap::Chunk chunk,
              mcap::ParseChunk(ByteSpan(record).subspan(mcap::kFramingBytes)));
    QT_ASSIGN(const Bytes records, mcap::UnpackChunk(chunk));
    ChannelTable channels = index.parts[place.part];
    EpisodeAssembler assembler(&channels);
    QT_TRY(assembler.AddChunk(records));
    std::optional<StoredEpisode> episode = assembler.Take();
    if (!episode) return Corrupt("a chunk does not hold a whole episode");
    if (assembler.Take()) return Corrupt("a chunk holds several episodes");
    return std::move(*episode);
  }
};

IndexedEpisodeReader::IndexedEpisodeReader() : impl_(std::make_unique<Impl>()) {}
IndexedEpisodeReader::~IndexedEpisodeReader() = default;

Result<std::unique_ptr<IndexedEpisodeReader>> IndexedEpisodeReader::Open(const std::string& path) {
  std::unique_ptr<IndexedEpisodeReader> reader(new IndexedEpisodeReader());
  QT_ASSIGN(reader->impl_->file, RandomAccessFile::Open(path));
  Result<FileIndex> index = IndexFromSummary(*reader->impl_->file);
  if (!index.ok()) index = IndexFromScan(path);
  if (!index.ok()) return std::move(index).status();
  reader->impl_->index = std::move(index).value();
  return reader;
}

size_t IndexedEpisodeReader::size() const { return impl_->index.chunks.size(); }

Result<StoredEpisode> IndexedEpisodeReader::Read(size_t k) const {
  if (k >= size()) return NotFound("has no episode " + std::to_string(k)).At(impl_->file->name());
  const ChunkPlace& place = impl_->index.chunks[k];
  Result<StoredEpisode> episode = impl_->ReadChunk(place);
  if (!episode.ok()) return std::move(episode).status().At(impl_->file->name(), place.offset);
  return episode;
}

}  // namespace qt::record
