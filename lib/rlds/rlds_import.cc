// SPDX-License-Identifier: Apache-2.0
#include "rlds/rlds_import.h"

#include <filesystem>
#include <utility>

#include "base/file.h"
#include "rlds/tf_example.h"

namespace qt::rlds {

RldsStream::RldsStream(RldsShards shards, std::string tool)
    : shards_(std::move(shards)), tool_(std::move(tool)), damage_(shards_.missing) {}

uint64_t RldsStream::bytes_read() const {
  return bytes_before_ + (reader_ == nullptr ? 0 : reader_->bytes_read());
}

Result<bool> RldsStream::OpenShard() {
  shard_ = &shards_.shards[next_shard_++];
  num_records_ = 0;
  Result<std::unique_ptr<ByteSource>> source =
      shard_->named ? OpenInput(shard_->path) : OpenRegularFile(shard_->path);
  if (!source.ok() && shard_->named) return std::move(source).status();
  if (!source.ok()) {
    damage_.push_back(std::move(source).status());
    return false;
  }
  reader_ = std::make_unique<tensors::TfRecordReader>(*std::move(source));
  return true;
}

// A shard that ends between two records may still lack some.
Status RldsStream::CloseShard() {
  ++num_shards_read_;
  if (shard_->num_records && *shard_->num_records != num_records_) {
    damage_.push_back(Corrupt("holds " + std::to_string(num_records_) + " records; " +
                              "dataset_info.json says " + std::to_string(*shard_->num_records))
                          .At(shard_->path));
  } else if (!shard_->num_records && num_records_ == 0) {
    damage_.push_back(Corrupt("is empty").At(shard_->path));
  }
  bytes_before_ += reader_->bytes_read();
  reader_ = nullptr;
  return Ok();
}

// A shard that is damaged in its middle costs its rest; what never was one is worth no more than a
// note either, as long as there are others.
Status RldsStream::EndShard(Status status) {
  if (status.code() != Code::kCorrupt) return status;
  const bool alone = shards_.shards.size() == 1;
  if (alone && num_records_ == 0) return status;
  if (shard_->num_records && *shard_->num_records > num_records_) {
    const uint64_t lost = *shard_->num_records - num_records_;
    Status more(Code::kCorrupt,
                status.message() + "; " + std::to_string(lost) + " episode(s) lost");
    status = std::move(more).At(status.path(), status.offset_bytes().value_or(0));
  }
  damage_.push_back(std::move(status));
  bytes_before_ += reader_->bytes_read();
  reader_ = nullptr;
  return Ok();
}

std::optional<Episode> RldsStream::Take(const tensors::TfRecord& record) {
  ++num_records_;
  if (!record.damage.ok()) {
    damage_.push_back(record.damage);
    return std::nullopt;
  }
  const std::string file = std::filesystem::path(shard_->path).filename();
  const auto make = [&]() -> Result<Episode> {
    QT_ASSIGN(const TfExample example, ParseTfExample(record.data));
    const RldsOrigin origin{shard_->dataset,
                            shard_->version,
                            shard_->split,
                            shard_->number,
                            file,
                            record.number,
                            tool_};
    return EpisodeFromRlds(example, *shard_->features, origin, &dropped_);
  };
  Result<Episode> episode = make();
  if (episode.ok()) return std::move(episode).value();
  Status status(episode.status().code(), "record " + std::to_string(record.number) + ": " +
                                             episode.status().message() + "; it is skipped");
  damage_.push_back(std::move(status).At(shard_->path, record.offset));
  return std::nullopt;
}

Result<std::optional<Episode>> RldsStream::Next() {
  for (;;) {
    if (reader_ == nullptr) {
      if (next_shard_ == shards_.shards.size()) return std::optional<Episode>();
      QT_ASSIGN(const bool opened, OpenShard());
      if (!opened) continue;
    }
    Result<std::optional<tensors::TfRecord>> record = reader_->Next();
    if (!record.ok()) {
      QT_TRY(EndShard(std::move(record).status()));
    } else if (!record->has_value()) {
      QT_TRY(CloseShard());
    } else if (std::optional<Episode> episode = Take(**record)) {
      return episode;
    }
  }
}

}  // namespace qt::rlds
