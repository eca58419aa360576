#include "record/episode_reader.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/digest.h"
#include "record/episode_assembler.h"
#include "record/mcap_scanner.h"

namespace qt::record {
namespace {

constexpr std::string_view kProgramPrefix = "qt.program.";

}  // namespace

struct EpisodeReader::Impl {
  explicit Impl(std::unique_ptr<ByteSource> source) : scanner(std::move(source)) {}

  void Note(Status status, uint64_t offset) {
    damage.push_back({std::move(status).At(scanner.name(), offset)});
    damaged_part = true;
  }

  // A file starts: the first, or one more in the same stream.
  void StartPart(const mcap::ScannedRecord& header) {
    channels = ChannelTable();
    channels.AddHeader(header.body);
    assembler.Drop();
    damaged_part = false;
  }

  Status UnpackChunk(const mcap::ScannedRecord& record) {
    QT_ASSIGN(const mcap::Chunk chunk, mcap::ParseChunk(record.body));
    QT_ASSIGN(const Bytes records, mcap::UnpackChunk(chunk));
    return assembler.AddChunk(records);
  }

  void AddChunk(const mcap::ScannedRecord& record) {
    Status added = UnpackChunk(record);
    if (added.ok()) return;
    assembler.Drop();
    Note(std::move(added), record.offset);
  }

  void AddMetadata(const mcap::ScannedRecord& record) {
    Result<mcap::Metadata> metadata = mcap::ParseMetadata(record.body);
    if (!metadata.ok()) return Note(metadata.status(), record.offset);
    if (metadata->name.starts_with(kProgramPrefix)) programs.push_back(std::move(metadata->values));
  }

  void EndData(const mcap::ScannedRecord& record) {
    if (Status ended = assembler.EndOfData(); !ended.ok()) Note(std::move(ended), record.offset);
    uint32_t crc = 0;
    if (record.body.size() >= sizeof crc) std::memcpy(&crc, record.body.data(), sizeof crc);
    // Damage within the chunks was noted there already.
    if (crc != 0 && crc != scanner.data_crc() && !damaged_part) {
      Note(Corrupt("the checksum of the file does not match"), record.offset);
    }
    if (!channels.HasEpisodes()) Note(Corrupt("is MCAP, but has no topic /qt/episode"), 0);
  }

  void Handle(const mcap::ScannedRecord& record) {
    switch (record.op) {
      case mcap::kHeader:
        return StartPart(record);
      case mcap::kChunk:
        return AddChunk(record);
      case mcap::kMetadata:
        return AddMetadata(record);
      case mcap::kDataEnd:
        return EndData(record);
      case mcap::kSchema:
      case mcap::kChannel:
      case mcap::kMessage:
        if (Status added = assembler.Add({record.op, record.body, 0}); !added.ok()) {
          Note(std::move(added), record.offset);
        }
        return;
      default:
        return;
    }
  }

  // False at the end of the input.
  Result<bool> ReadOne() {
    Result<std::optional<mcap::ScannedRecord>> record = scanner.Next();
    if (!record.ok()) {
      // Not MCAP at all, or the input could not be read: an error. Cut short or overwritten:
      // damage.
      if (!any_record || record.status().code() != Code::kCorrupt) return record.status();
      Note(std::move(record).status(), scanner.offset());
      return false;
    }
    if (!record->has_value()) return false;
    any_record = true;
    Handle(**record);
    return true;
  }

  mcap::Scanner scanner;
  ChannelTable channels;
  EpisodeAssembler assembler{&channels};
  std::vector<Damage> damage;
  std::vector<std::map<std::string, std::string>> programs;
  bool any_record = false, damaged_part = false, at_end = false;
};

EpisodeReader::EpisodeReader(std::unique_ptr<ByteSource> source)
    : impl_(std::make_unique<Impl>(std::move(source))) {}
EpisodeReader::~EpisodeReader() = default;

Result<std::optional<StoredEpisode>> EpisodeReader::Next() {
  for (;;) {
    if (std::optional<StoredEpisode> episode = impl_->assembler.Take()) return episode;
    if (impl_->at_end) return std::optional<StoredEpisode>();
    const Result<bool> more = impl_->ReadOne();
    impl_->at_end = !more.ok() || !*more;
    if (!more.ok()) return more.status();
  }
}

const std::vector<Damage>& EpisodeReader::damage() const { return impl_->damage; }

const std::vector<std::map<std::string, std::string>>& EpisodeReader::programs() const {
  return impl_->programs;
}

uint64_t EpisodeReader::bytes_read() const { return impl_->scanner.offset(); }

}  // namespace qt::record
