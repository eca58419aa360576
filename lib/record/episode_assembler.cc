#include "record/episode_assembler.h"

#include <algorithm>
#include <utility>

#include "record/episode_messages.h"

namespace qt::record {
namespace {

constexpr size_t kMaxEvidence = 64;
constexpr size_t kMaxLabels = 10'000;

}  // namespace

void ChannelTable::AddHeader(ByteSpan body) {
  const Result<mcap::Header> header = mcap::ParseHeader(body);
  ours_ = header.ok() && header->profile == "ros2" && header->library.starts_with(kLibraryPrefix);
}

void ChannelTable::Add(mcap::Schema schema) {
  if (schema.id != 0) schemas_[schema.id] = std::move(schema);
}

void ChannelTable::Add(const mcap::Channel& channel) {
  const auto schema = schemas_.find(channel.schema_id);
  if (schema == schemas_.end()) return;
  Entry entry;
  entry.topic = TopicOf(channel, schema->second);
  entry.fixed_id = channel.id == static_cast<uint16_t>(entry.topic);
  channels_[channel.id] = entry;
}

ChannelTable::Entry ChannelTable::Find(uint16_t channel_id) const {
  if (ours_ && channel_id >= 1 && channel_id <= AllTopics().size()) {
    return {static_cast<Topic>(channel_id), true};
  }
  const auto found = channels_.find(channel_id);
  return found == channels_.end() ? Entry() : found->second;
}

bool ChannelTable::HasEpisodes() const {
  return ours_ || std::any_of(channels_.begin(), channels_.end(), [](const auto& item) {
           return item.second.topic == Topic::kEpisode;
         });
}

struct EpisodeAssembler::Pending {
  struct Picture {
    EncodedImage image;
    CameraModel camera;
  };
  StoredEpisode stored;
  bool our_layout = true;               // every message has a fixed channel id
  std::map<int64_t, Picture> pictures;  // of the steps, by stamp
  CameraModel camera;
  bool has_intrinsics = false, has_pose = false;
  std::optional<OutcomeMessage> outcome;
};

EpisodeAssembler::EpisodeAssembler(ChannelTable* channels) : channels_(channels) {}
EpisodeAssembler::~EpisodeAssembler() = default;

Status EpisodeAssembler::Add(const mcap::RecordView& record) {
  if (record.op == mcap::kMessage) {
    Status added = AddMessage(record);
    if (!added.ok()) Drop();
    return added;
  }
  if (record.op == mcap::kSchema) {
    QT_ASSIGN(mcap::Schema schema, mcap::ParseSchema(record.body));
    channels_->Add(std::move(schema));
  } else if (record.op == mcap::kChannel) {
    QT_ASSIGN(const mcap::Channel channel, mcap::ParseChannel(record.body));
    channels_->Add(channel);
  }
  return Ok();
}

Status EpisodeAssembler::AddChunk(ByteSpan records) {
  QT_TRY(
      mcap::ForEachRecord(records, [this](const mcap::RecordView& record) { return Add(record); }));
  return EndOfChunk();
}

Status EpisodeAssembler::AddMessage(const mcap::RecordView& record) {
  QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
  const ChannelTable::Entry channel = channels_->Find(message.channel_id);
  if (channel.topic == Topic::kEpisode) QT_TRY(StartEpisode(message.data));
  if (pending_ == nullptr) return Ok();  // the rest of an episode that was dropped, or foreign
  pending_->our_layout = pending_->our_layout && channel.fixed_id;
  Bytes& records = pending_->stored.records;
  const uint8_t* start = record.body.data() - mcap::kFramingBytes;
  records.insert(records.end(), start, record.body.data() + record.body.size());
  return Dispatch(channel.topic, message.data);
}

Status EpisodeAssembler::Dispatch(Topic topic, ByteSpan body) {
  switch (topic) {
    case Topic::kStep:
      return AddStep(body);
    case Topic::kImage:
    case Topic::kRawImage:
    case Topic::kCheck:
    case Topic::kRawCheck:
      return AddImage(topic, body);
    case Topic::kCameraInfo:
    case Topic::kTfStatic:
    case Topic::kTf:
      return AddCamera(topic, body);
    case Topic::kOutcome:
      return AddOutcome(body);
    case Topic::kLabel:
      return AddLabel(body);
    case Topic::kEpisode:
    case Topic::kOther:
      break;
  }
  return Ok();
}

Status EpisodeAssembler::StartEpisode(ByteSpan body) {
  QT_TRY(EndOfData());
  QT_ASSIGN(Episode episode, DecodeEpisode(body));
  pending_ = std::make_unique<Pending>();
  pending_->stored.episode = std::move(episode);
  return Ok();
}

Status EpisodeAssembler::AddStep(ByteSpan body) {
  QT_ASSIGN(StepMessage message, DecodeStep(body));
  Episode& episode = pending_->stored.episode;
  if (message.episode_id != episode.id) return Corrupt("a Step belongs to another episode");
  if (episode.steps.size() >= kMaxSteps) return Corrupt("an episode has too many steps");
  if (!episode.steps.empty() && message.step.stamp_ns <= episode.steps.back().stamp_ns) {
    return Corrupt("the stamps of the steps do not increase");
  }
  episode.steps.push_back(std::move(message.step));
  return Ok();
}

Status EpisodeAssembler::AddImage(Topic topic, ByteSpan body) {
  const bool raw = topic == Topic::kRawImage || topic == Topic::kRawCheck;
  QT_ASSIGN(ImageMessage message, raw ? DecodeRawImage(body) : DecodeCompressedImage(body));
  if (topic == Topic::kImage || topic == Topic::kRawImage) {
    if (pending_->pictures.size() >= kMaxSteps) return Corrupt("an episode has too many pictures");
    pending_->pictures[message.stamp_ns] = {std::move(message.image), pending_->camera};
    return Ok();
  }
  std::vector<EvidenceFrame>& evidence = pending_->stored.episode.evidence;
  if (evidence.size() >= kMaxEvidence) return Corrupt("an episode has too many check pictures");
  evidence.push_back({std::move(message.frame_id), message.stamp_ns, std::move(message.image)});
  return Ok();
}

Status EpisodeAssembler::AddCamera(Topic topic, ByteSpan body) {
  Pending& pending = *pending_;
  const bool had_both = pending.has_intrinsics && pending.has_pose;
  if (topic == Topic::kCameraInfo) {
    QT_TRY(DecodeCameraInfo(body, &pending.camera));
    pending.has_intrinsics = true;
  } else {
    QT_ASSIGN(const bool found, DecodeCameraPose(body, &pending.camera.X_WC));
    pending.has_pose = pending.has_pose || found;
  }
  if (!had_both) pending.stored.episode.camera = pending.camera;
  return Ok();
}

Status EpisodeAssembler::AddOutcome(ByteSpan body) {
  QT_ASSIGN(OutcomeMessage message, DecodeOutcome(body));
  if (message.episode_id != pending_->stored.episode.id) {
    return Corrupt("an Outcome belongs to another episode");
  }
  pending_->outcome = std::move(message);
  return Ok();
}

Status EpisodeAssembler::AddLabel(ByteSpan body) {
  QT_ASSIGN(LabelMessage message, DecodeLabel(body));
  Episode& episode = pending_->stored.episode;
  if (message.episode_id != episode.id) return Corrupt("a Label belongs to another episode");
  if (episode.labels.size() >= kMaxLabels) return Corrupt("an episode has too many labels");
  episode.labels.push_back(std::move(message.label));
  return Ok();
}

// Joins pictures and steps by their stamps and checks that nothing is missing.
Status EpisodeAssembler::Close() {
  const std::unique_ptr<Pending> pending = std::exchange(pending_, nullptr);
  Episode& episode = pending->stored.episode;
  if (pending->outcome->steps != episode.steps.size()) {
    return Corrupt("an episode of " + std::to_string(pending->outcome->steps) + " steps holds " +
                   std::to_string(episode.steps.size()));
  }
  for (Step& step : episode.steps) {
    auto picture = pending->pictures.find(step.stamp_ns);
    if (picture == pending->pictures.end()) return Corrupt("a step has no picture of its stamp");
    step.observation.image = std::move(picture->second.image);
    step.observation.camera = picture->second.camera;
  }
  for (const Label& label : episode.labels) {
    if (label.reward.size() != episode.steps.size()) {
      return Corrupt("a label has " + std::to_string(label.reward.size()) + " rewards for " +
                     std::to_string(episode.steps.size()) + " steps");
    }
  }
  episode.end_reason = pending->outcome->end_reason;
  episode.final_gripper = pending->outcome->final_gripper;
  episode.content_hash = pending->outcome->content_hash;
  if (!pending->our_layout) pending->stored.records.clear();
  done_.push_back(std::move(pending->stored));
  return Ok();
}

Status EpisodeAssembler::EndOfChunk() {
  if (pending_ != nullptr && pending_->outcome.has_value()) return Close();
  return Ok();
}

Status EpisodeAssembler::EndOfData() {
  if (pending_ == nullptr) return Ok();
  if (pending_->outcome.has_value()) return Close();
  Drop();
  return Corrupt("an episode has no Outcome");
}

void EpisodeAssembler::Drop() { pending_ = nullptr; }

std::optional<StoredEpisode> EpisodeAssembler::Take() {
  if (done_.empty()) return std::nullopt;
  StoredEpisode episode = std::move(done_.front());
  done_.pop_front();
  return episode;
}

}  // namespace qt::record
