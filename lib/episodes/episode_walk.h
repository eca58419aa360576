// SPDX-License-Identifier: Apache-2.0
// The walk through an MCAP stream that both readers share: records to the assemblers, damage and
// lineage to lists.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "episodes/bag_assembler.h"
#include "episodes/episode_assembler.h"
#include "episodes/episode_reader.h"
#include "mcap/mcap_scanner.h"

namespace qt::episodes {

// Sees everything that a walk sees.
class WalkObserver {
 public:
  virtual ~WalkObserver() = default;
  virtual void OnRecord(const mcap::ScannedRecord& record) = 0;
  virtual void OnChunk(const mcap::ScannedRecord& record, ByteSpan records) = 0;
  virtual void OnGap() = 0;        // something was lost here
  virtual void OnEndOfPart() = 0;  // and maybe another file follows
};

class EpisodeWalk {
 public:
  EpisodeWalk(std::unique_ptr<ByteSource> source, ReadOptions options);
  // Starts inside of the data section of a file, at `offset` of it, which is where `source` starts.
  EpisodeWalk(std::unique_ptr<ByteSource> source, uint64_t offset, ChannelTable channels);

  void Observe(WalkObserver* observer) { observer_ = observer; }

  struct Place {
    uint64_t start = 0, end = 0;  // of the top-level records that hold it
    size_t part = 0;              // which of the files that `cat` joined
  };
  struct Found {
    StoredEpisode stored;
    Place place;
  };
  // The next episode, nullopt at the end. Errors as EpisodeReader::Next.
  Result<std::optional<Found>> Next();

  const std::vector<Damage>& damage() const { return damage_; }
  const std::vector<Program>& programs() const { return programs_; }
  uint64_t offset() const { return scanner_.offset(); }
  size_t part() const { return part_; }
  const ChannelTable& channels() const { return channels_; }

 private:
  Result<bool> ReadOne();
  void Handle(const mcap::ScannedRecord& record);
  void StartPart(const mcap::ScannedRecord& header);
  void AddChunk(const mcap::ScannedRecord& record);
  void AddEpisodeChunk(const mcap::ScannedRecord& record, Bytes* records);
  void AddRecord(const mcap::RecordView& record, uint64_t offset);
  void AddMetadata(const mcap::ScannedRecord& record);
  void EndData(const mcap::ScannedRecord& record);
  void EndPart();
  void Collect();
  void Note(Status status, uint64_t offset, uint64_t bytes = 0);

  mcap::Scanner scanner_;
  ReadOptions options_;
  ChannelTable channels_;
  EpisodeAssembler assembler_{&channels_};
  std::unique_ptr<BagAssembler> bag_;  // where a camera topic is named
  std::deque<Found> found_;
  std::vector<Damage> damage_;
  std::vector<Program> programs_;
  uint64_t part_start_ = 0;
  size_t part_ = 0;
  bool any_part_ = false, at_end_ = false;
  WalkObserver* observer_ = nullptr;
};

}  // namespace qt::episodes
