// SPDX-License-Identifier: Apache-2.0
// Reads the published QT-Opt data (RLDS in TFRecord shards) as episodes, one record at a time. What
// is missing or damaged is reported and skipped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "mdp/episode.h"
#include "rlds/rlds_dataset.h"
#include "rlds/rlds_episode.h"
#include "tensors/tfrecord.h"

namespace qt::rlds {

class RldsStream {
 public:
  // `tool` is who imports, for the episodes.
  RldsStream(RldsShards shards, std::string tool);

  // The next episode; nullopt at the end. What is missing or damaged is skipped and noted in
  // damage(): a record, the rest of a shard, or a shard. Fails if an input that was named cannot be
  // read, or is no shard at all.
  Result<std::optional<Episode>> Next();

  const std::vector<Status>& damage() const { return damage_; }
  const RldsDropped& dropped() const { return dropped_; }
  uint64_t num_shards_read() const { return num_shards_read_; }
  uint64_t bytes_read() const;

 private:
  // False if it is only noted that it cannot be read.
  Result<bool> OpenShard();
  Status CloseShard();
  // The episode of one record, or nothing where it is damaged.
  std::optional<Episode> Take(const tensors::TfRecord& record);
  Status EndShard(Status status);

  RldsShards shards_;
  std::string tool_;
  std::vector<Status> damage_;
  RldsDropped dropped_;
  size_t next_shard_ = 0;
  uint64_t num_shards_read_ = 0, bytes_before_ = 0;
  const RldsShard* shard_ = nullptr;  // the one that is open
  uint64_t num_records_ = 0;          // of it
  std::unique_ptr<tensors::TfRecordReader> reader_;
};

}  // namespace qt::rlds
