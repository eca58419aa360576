// SPDX-License-Identifier: Apache-2.0
#include "episodes/file_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "episodes/bag_assembler.h"
#include "episodes/episode_walk.h"
#include "episodes/episode_writer.h"
#include "mcap/mcap_rules.h"

namespace qt::episodes {
namespace {

using mcap::Severity;

class Checker : public WalkObserver {
 public:
  Checker(std::string path, uint64_t max_findings, const std::function<void(const Finding&)>& tell,
          CheckTotals* totals)
      : path_(std::move(path)),
        max_findings_(max_findings),
        tell_(tell),
        totals_(*totals),
        rules_([this](Severity severity, const char* rule, std::string message, uint64_t offset) {
          Tell(severity == Severity::kError, rule, std::move(message), part_start_ + offset);
        }) {}

  void Tell(bool is_error, const char* rule, std::string message, uint64_t offset) {
    ++(is_error ? totals_.errors : totals_.warnings);
    if (told_[rule]++ >= max_findings_) return;
    tell_({is_error, rule, std::move(message), path_, offset});
  }

  void OnRecord(const mcap::ScannedRecord& record) override {
    if (record.op == mcap::kHeader) StartPart(record);
    rules_.Add(InPart(record));
  }
  void OnChunk(const mcap::ScannedRecord& record, ByteSpan records) override {
    rules_.AddChunkContent(InPart(record), records);
    if (channels_.ours()) CheckOwnChunk(record, records);
  }
  void OnGap() override { rules_.SetDamaged(); }
  void OnEndOfPart() override {
    totals_.chunks += rules_.num_chunks();
    totals_.messages += rules_.num_messages();
    rules_.End();
  }
  void CheckEpisode(const EpisodeWalk::Found& found);

 private:
  // Offsets count from the start of the file, of several that may be joined.
  mcap::ScannedRecord InPart(mcap::ScannedRecord record) const {
    record.offset -= part_start_;
    return record;
  }
  void StartPart(const mcap::ScannedRecord& header) {
    part_start_ = header.offset - std::min<uint64_t>(header.offset, mcap::kMagic.size());
    channels_ = ChannelTable();
    channels_.AddHeader(header.body);
    last_log_time_.reset();
    if (parts_++ > 0) {
      Tell(false, "joined-files", "a further file is joined to the one before", header.offset);
    }
  }
  void CheckOwnChunk(const mcap::ScannedRecord& record, ByteSpan records);

  std::string path_;
  uint64_t max_findings_;
  const std::function<void(const Finding&)>& tell_;
  CheckTotals& totals_;
  mcap::Rules rules_;
  ChannelTable channels_;
  std::map<std::string, uint64_t> told_;  // by rule
  std::unordered_set<uint64_t> ids_;      // digests of the episodes' ids
  std::optional<uint64_t> last_log_time_;
  size_t parts_ = 0;
  uint64_t part_start_ = 0;
};

// What our own writer promises (SPEC, section 4).
void Checker::CheckOwnChunk(const mcap::ScannedRecord& record, ByteSpan records) {
  const Result<mcap::Chunk> chunk = mcap::ParseChunk(record.body);
  if (chunk.ok() && (chunk->compression != "zstd" || chunk->crc == 0)) {
    Tell(true, "own-chunk", "a chunk is not zstd with a checksum", record.offset);
  }
  size_t episodes = 0;
  bool increases = true;
  const Status walked = mcap::ForEachRecord(records, [&](const mcap::RecordView& view) -> Status {
    if (view.op != mcap::kMessage) return Ok();
    QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(view.body));
    episodes += channels_.Find(message.channel_id).topic == Topic::kEpisode;
    increases = increases && (!last_log_time_ || message.log_time > *last_log_time_);
    last_log_time_ = message.log_time;
    return Ok();
  });
  if (!walked.ok()) return;  // told by the rules
  if (episodes != 1) {
    Tell(true, "own-chunk", "a chunk holds " + std::to_string(episodes) + " episodes, not one",
         record.offset);
  }
  if (!increases) Tell(true, "own-log-time", "the log times do not increase", record.offset);
}

bool IsKnown(const Action& action) {
  for (float number : action.ToArray()) {
    if (!std::isfinite(number)) return false;
  }
  return true;
}

std::vector<const std::string*> TextsOf(const Episode& episode) {
  std::vector<const std::string*> texts = {
      &episode.id,         &episode.run_id, &episode.task,          &episode.env,
      &episode.env_config, &episode.policy, &episode.policy_digest, &episode.tool};
  for (const EvidenceFrame& frame : episode.evidence) texts.push_back(&frame.name);
  for (const Label& label : episode.labels) {
    texts.push_back(&label.source);
    texts.push_back(&label.config);
  }
  return texts;
}

void Checker::CheckEpisode(const EpisodeWalk::Found& found) {
  const Episode& episode = found.stored.episode;
  const uint64_t at = found.place.start;
  ++totals_.episodes;
  const SharedBytes& records = found.stored.records;
  const uint64_t hash = records.empty() ? ComputeContentHash(episode) : HashRecords(records);
  if (episode.content_hash != hash) {
    Tell(true, "content-hash", "the content hash of the episode " + episode.id + " does not match",
         at);
  }
  ContentHash id;
  id.Update(AsBytes(episode.id));
  if (!ids_.insert(id.Value()).second) {
    Tell(false, "duplicate-episode", "the episode " + episode.id + " is there again", at);
  }
  for (const Label& label : episode.labels) {
    if (label.content_hash == episode.content_hash) continue;
    Tell(false, "label-hash",
         "a label of the episode " + episode.id + " by " + label.source +
             " judged other observations",
         at);
  }
  for (const std::string* text : TextsOf(episode)) {
    if (IsValidUtf8(*text)) continue;
    Tell(true, "utf-8", "a text of the episode " + episode.id + " is not UTF-8", at);
    break;
  }
  for (const Step& step : episode.steps) {
    const std::string name =
        "step " + std::to_string(step.observation.step) + " of the episode " + episode.id;
    if (step.observation.image.width_px == 0) {
      Tell(false, "picture", "the picture of " + name + " has no size", at);
      break;
    }
    if (episode.env == kBagEnvironment || IsKnown(step.action)) continue;
    Tell(false, "action", "the action of " + name + " is not finite", at);
    break;
  }
}

}  // namespace

Status CheckFile(std::unique_ptr<ByteSource> source, const ReadOptions& options,
                 uint64_t max_findings, const std::function<void(const Finding&)>& tell,
                 CheckTotals* totals) {
  Checker checker(source->name(), max_findings, tell, totals);
  EpisodeWalk walk(std::move(source), options);
  walk.Observe(&checker);
  ++totals->files;
  size_t told = 0;
  for (;;) {
    const Result<std::optional<EpisodeWalk::Found>> found = walk.Next();
    for (; told < walk.damage().size(); ++told) {
      const Damage& damage = walk.damage()[told];
      checker.Tell(true, "damage", damage.status.message(), damage.offset_bytes);
    }
    if (!found.ok()) return found.status();
    if (!found->has_value()) break;
    checker.CheckEpisode(**found);
  }
  totals->bytes += walk.offset();
  return Ok();
}

}  // namespace qt::episodes
