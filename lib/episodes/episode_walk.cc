// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_walk.h"

#include <utility>

namespace qt::episodes {
namespace {

constexpr std::string_view kProgramPrefix = "qt.program.";

std::string TextOf(const mcap::Gap& gap) {
  if (gap.bytes == 0) return gap.what;
  return gap.what + "; " + std::to_string(gap.bytes) + (gap.bytes == 1 ? " byte" : " bytes") +
         " lost";
}

// Says of a file without episodes what it has instead.
std::string NoEpisodes(const ChannelTable& channels) {
  std::string text = std::string("is MCAP, but has no topic ") + kEpisodeTopicName;
  const std::vector<std::string> cameras = channels.CameraTopics();
  if (!cameras.empty()) text += "; it has pictures on " + cameras[0] + " (see --camera-topic)";
  return text;
}

}  // namespace

EpisodeWalk::EpisodeWalk(std::unique_ptr<ByteSource> source, ReadOptions options)
    : scanner_(std::move(source)), options_(std::move(options)) {
  if (!options_.camera_topic.empty()) bag_ = std::make_unique<BagAssembler>(options_.camera_topic);
}

EpisodeWalk::EpisodeWalk(std::unique_ptr<ByteSource> source, uint64_t offset, ChannelTable channels)
    : scanner_(std::move(source), offset), channels_(std::move(channels)), any_part_(true) {}

void EpisodeWalk::Note(Status status, uint64_t offset, uint64_t bytes) {
  damage_.push_back({std::move(status).At(scanner_.name(), offset), offset, bytes});
}

Result<std::optional<EpisodeWalk::Found>> EpisodeWalk::Next() {
  for (;;) {
    if (!found_.empty()) {
      Found found = std::move(found_.front());
      found_.pop_front();
      return std::optional(std::move(found));
    }
    if (at_end_) return std::optional<Found>();
    const Result<bool> more = ReadOne();
    at_end_ = !more.ok() || !*more;
    if (!more.ok()) return more.status();
  }
}

// False at the end of the input.
Result<bool> EpisodeWalk::ReadOne() {
  const Result<std::optional<mcap::ScannedRecord>> record = scanner_.Next();
  for (const mcap::Gap& gap : scanner_.TakeGaps()) {
    Note(Corrupt(TextOf(gap)), gap.offset, gap.bytes);
    if (observer_ != nullptr) observer_->OnGap();
    // The channels may have been declared there.
    if (bag_ == nullptr && !channels_.HasEpisodes()) channels_.AssumeOurs();
  }
  if (!record.ok()) return record.status();
  if (record->has_value()) {
    Handle(**record);
    any_part_ = true;
  } else {
    EndPart();
  }
  Collect();
  return record->has_value();
}

void EpisodeWalk::Handle(const mcap::ScannedRecord& record) {
  if (record.preamble_lost) {
    StartPart(record);
    channels_.AssumeOurs();
  }
  if (record.op == mcap::kHeader) StartPart(record);
  if (observer_ != nullptr) observer_->OnRecord(record);
  switch (record.op) {
    case mcap::kHeader:
      return channels_.AddHeader(record.body);
    case mcap::kChunk:
      return AddChunk(record);
    case mcap::kMetadata:
      return AddMetadata(record);
    case mcap::kDataEnd:
      return EndData(record);
    case mcap::kSchema:
    case mcap::kChannel:
      if (record.in_summary) return;
      if (const Status added = channels_.AddRecord({record.op, record.body, 0}); !added.ok()) {
        scanner_.Reject(added);
      }
      return;
    case mcap::kMessage:
      if (record.length < mcap::kMessageHeaderBytes) {
        return scanner_.Reject(mcap::ParseMessage(record.body).status());
      }
      return AddRecord({record.op, record.body, 0}, record.offset);
    default:
      return;
  }
}

// A file starts: the first, or one more in the same stream.
void EpisodeWalk::StartPart(const mcap::ScannedRecord& first) {
  EndPart();
  part_ += any_part_;
  any_part_ = true;
  part_start_ = first.offset;
  channels_ = ChannelTable();
}

void EpisodeWalk::EndPart() {
  if (!any_part_) return;
  if (observer_ != nullptr) observer_->OnEndOfPart();
  assembler_.EndOfData();
  if (bag_ != nullptr && !channels_.HasEpisodes()) bag_->EndOfData(channels_, part_start_);
}

void EpisodeWalk::AddChunk(const mcap::ScannedRecord& record) {
  const Result<Bytes*> records = scanner_.Unpack();
  if (!records.ok()) return;  // becomes a gap
  if (observer_ != nullptr) observer_->OnChunk(record, **records);
  if (bag_ == nullptr) return AddEpisodeChunk(record, *records);
  const Status walked = mcap::ForEachRecord(**records, [&](const mcap::RecordView& view) {
    AddRecord(view, record.offset);
    return Ok();
  });
  if (!walked.ok()) Note(walked, record.offset);
}

void EpisodeWalk::AddEpisodeChunk(const mcap::ScannedRecord& record, Bytes* records) {
  const size_t unpacked_bytes = records->size();
  assembler_.AddChunk(records, record.offset);
  if (!options_.keep_compressed || !channels_.ours()) return;
  const Result<mcap::Chunk> chunk = mcap::ParseChunk(record.body);
  if (chunk.ok() && chunk->compression == "zstd") {
    assembler_.KeepCompressed(unpacked_bytes, chunk->records);
  }
}

void EpisodeWalk::AddRecord(const mcap::RecordView& record, uint64_t offset) {
  const bool to_bag = bag_ != nullptr && record.op == mcap::kMessage && !channels_.HasEpisodes();
  if (!to_bag) return assembler_.Add(record, offset);
  const Result<mcap::Message> message = mcap::ParseMessage(record.body);
  if (message.ok()) return bag_->Add(channels_, *message, offset);
  Note(message.status(), offset);
}

void EpisodeWalk::AddMetadata(const mcap::ScannedRecord& record) {
  Result<mcap::Metadata> metadata = mcap::ParseMetadata(record.body);
  if (!metadata.ok()) return scanner_.Reject(metadata.status());
  if (metadata->name.starts_with(kProgramPrefix)) programs_.push_back(std::move(metadata->values));
}

void EpisodeWalk::EndData(const mcap::ScannedRecord& record) {
  const Result<uint32_t> crc = mcap::ParseDataEnd(record.body);
  // Damage within the data was noted there already.
  if (crc.ok() && *crc != 0 && *crc != scanner_.data_crc() && !scanner_.part_is_damaged()) {
    Note(Corrupt("the checksum of the file does not match"), record.offset);
  }
  if (!channels_.HasEpisodes() && bag_ == nullptr)
    Note(Corrupt(NoEpisodes(channels_)), part_start_);
}

// Takes what the record in hand has completed.
void EpisodeWalk::Collect() {
  while (auto done = assembler_.Take()) {
    found_.push_back({std::move(done->stored), {done->offset, scanner_.offset(), part_}});
  }
  for (AssemblyError& error : assembler_.TakeErrors()) Note(std::move(error.status), error.offset);
  if (bag_ == nullptr) return;
  while (auto done = bag_->Take()) {
    found_.push_back({std::move(*done), {part_start_, scanner_.offset(), part_}});
  }
  for (AssemblyError& error : bag_->TakeErrors()) Note(std::move(error.status), error.offset);
}

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
