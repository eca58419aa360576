// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_assembler.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory_resource>
#include <set>
#include <utility>

#include "base/check.h"
#include "episodes/episode_messages.h"

namespace qt::episodes {

bool IsPictureSchema(const std::string& schema_name) {
  return schema_name == "sensor_msgs/msg/CompressedImage" || schema_name == "sensor_msgs/msg/Image";
}

void ChannelTable::AddHeader(ByteSpan body) {
  const Result<mcap::Header> header = mcap::ParseHeader(body);
  ours_ = header.ok() && header->profile == "ros2" && header->library.starts_with(kLibraryPrefix);
}

Status ChannelTable::AddRecord(const mcap::RecordView& record) {
  if (record.op == mcap::kSchema) {
    QT_ASSIGN(mcap::Schema schema, mcap::ParseSchema(record.body));
    Add(std::move(schema));
  } else if (record.op == mcap::kChannel) {
    QT_ASSIGN(const mcap::Channel channel, mcap::ParseChannel(record.body));
    Add(channel);
  }
  return Ok();
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
  descriptions_[channel.id] = {channel.topic, schema->second.name, channel.message_encoding};
}

ChannelTable::Entry ChannelTable::Find(uint16_t channel_id) const {
  const bool in_layout = channel_id >= 1 && channel_id <= AllTopics().size();
  if (ours_ && in_layout) return {static_cast<Topic>(channel_id), true};
  const auto found = channels_.find(channel_id);
  if (assumed_ && in_layout && found == channels_.end()) {
    return {static_cast<Topic>(channel_id), true};
  }
  return found == channels_.end() ? Entry() : found->second;
}

bool ChannelTable::HasEpisodes() const {
  return ours_ || assumed_ || std::any_of(channels_.begin(), channels_.end(), [](const auto& item) {
           return item.second.topic == Topic::kEpisode;
         });
}

const ChannelTable::Description* ChannelTable::Describe(uint16_t channel_id) const {
  const auto found = descriptions_.find(channel_id);
  return found == descriptions_.end() ? nullptr : &found->second;
}

std::vector<std::string> ChannelTable::CameraTopics() const {
  std::vector<std::string> topics;
  for (const auto& [id, description] : descriptions_) {
    if (description.message_encoding == "cdr" && IsPictureSchema(description.schema_name)) {
      topics.push_back(description.topic);
    }
  }
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return topics;
}

namespace {

constexpr size_t kMaxEvidence = 64;
constexpr size_t kMaxLabels = 10'000;
constexpr size_t kMaxCameras = 2 * kMaxSteps + 64;
constexpr size_t kUsualSteps = 16;  // room from the start
constexpr size_t kMaxOpen = 64;
// Labels follow the Outcome; where episodes are mixed, a few other Outcomes may come between.
constexpr size_t kMaxFinished = 4;
constexpr size_t kMaxRecentIds = 16;

// A name for messages to people.
std::string Quote(const std::string& id) {
  const bool plain = !id.empty() && id.size() <= 80 &&
                     std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  return plain ? "the episode " + id : "an episode";
}

struct CameraEvent {
  int64_t stamp_ns = 0;
  bool is_pose = false;
  CameraModel camera;  // only the pose of it, or all but the pose
};

void Apply(const CameraEvent& event, CameraModel* camera) {
  const Pose pose = event.is_pose ? event.camera.X_WC : camera->X_WC;
  if (!event.is_pose) *camera = event.camera;
  camera->X_WC = pose;
}

bool SameImage(const EncodedImage& a, const EncodedImage& b) {
  return a.encoding == b.encoding && a.bytes == b.bytes;
}

// Whether all records are messages of one episode, whose start is the first.
bool IsOneEpisode(ByteSpan records, const ChannelTable& channels) {
  bool first = true;
  const Status walked = mcap::ForEachRecord(records, [&](const mcap::RecordView& record) -> Status {
    uint16_t channel = 0;
    if (record.body.size() >= sizeof channel) {
      std::memcpy(&channel, record.body.data(), sizeof channel);
    }
    const ChannelTable::Entry entry = channels.Find(channel);
    const bool fits = record.op == mcap::kMessage && entry.fixed_id &&
                      (entry.topic == Topic::kEpisode) == std::exchange(first, false);
    return fits ? Ok() : Corrupt("not one episode");
  });
  return walked.ok() && !first;
}

}  // namespace

struct EpisodeAssembler::Pending {
  struct Picture {
    EncodedImage image;
    size_t num_cameras = 0;  // camera events that came before
  };
  StoredEpisode stored;
  Bytes records;  // of stored, as they come; where they are not a whole chunk
  uint64_t offset = 0;
  uint64_t started = 0, last_step = 0;  // on the assembler's clock
  size_t bytes = 0;
  bool our_layout = true;  // every message has a fixed channel id
  bool shared = false;     // pictures came while another episode was open as well
  bool ambiguous = false;  // and two of them had the same stamp
  // Keyed by stamp. The nodes of an episode of the usual length are part of this object.
  std::array<std::byte, 2048> node_bytes;
  std::pmr::monotonic_buffer_resource nodes{node_bytes.data(), node_bytes.size()};
  std::pmr::map<int64_t, Picture> pictures{&nodes};
  std::vector<Picture*> picture_of_step;
  std::vector<CameraEvent> cameras;
  std::optional<OutcomeMessage> outcome;

  Status Check() const;
  Status Join();
  Status FindPictures();
  void JoinCameras();
  void SelectShared();
};

EpisodeAssembler::EpisodeAssembler(ChannelTable* channels) : channels_(channels) {}
EpisodeAssembler::~EpisodeAssembler() = default;

void EpisodeAssembler::Add(const mcap::RecordView& record, uint64_t offset) {
  offset_ = offset;
  if (record.op != mcap::kMessage) {
    if (Status added = channels_->AddRecord(record); !added.ok()) {
      errors_.push_back({std::move(added), offset});
    }
    return;
  }
  failing_id_.reset();
  if (Status added = AddMessage(record); !added.ok()) FailCurrent(std::move(added));
}

void EpisodeAssembler::AddChunk(Bytes* records, uint64_t offset) {
  const bool is_whole = channels_->ours() && open_.empty() && IsOneEpisode(*records, *channels_);
  if (is_whole) whole_chunk_ = SharedBytes(std::move(*records));
  const ByteSpan chunk = is_whole ? ByteSpan(whole_chunk_) : ByteSpan(*records);
  const Status walked = mcap::ForEachRecord(chunk, [&](const mcap::RecordView& record) {
    Add(record, offset);
    return Ok();
  });
  if (!walked.ok()) errors_.push_back({walked, offset});
  if (is_whole && !open_.empty()) open_[0]->stored.records = whole_chunk_;
  whole_chunk_ = {};
  if (!channels_->ours()) return;
  for (size_t i = open_.size(); i-- > 0;) {
    if (open_[i]->outcome) Close(i);
  }
}

Status EpisodeAssembler::AddMessage(const mcap::RecordView& record) {
  QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
  const ChannelTable::Entry channel = channels_->Find(message.channel_id);
  if (channel.topic == Topic::kOther) return Ok();
  ++clock_;
  const uint8_t* start = record.body.data() - mcap::kFramingBytes;
  record_ = {start, mcap::kFramingBytes + record.body.size()};
  record_is_fixed_ = channel.fixed_id;
  return Dispatch(channel.topic, message);
}

Status EpisodeAssembler::Dispatch(Topic topic, const mcap::Message& message) {
  switch (topic) {
    case Topic::kEpisode:
      return StartEpisode(message.data);
    case Topic::kStep:
      return AddStep(message.data);
    case Topic::kImage:
    case Topic::kRawImage:
    case Topic::kCheck:
    case Topic::kRawCheck:
      return AddPicture(topic, message.data);
    case Topic::kCameraInfo:
    case Topic::kTfStatic:
    case Topic::kTf:
      return AddCamera(topic, message);
    case Topic::kOutcome:
      return AddOutcome(message.data);
    case Topic::kLabel:
      return AddLabel(message.data);
    case Topic::kOther:
      break;
  }
  return Ok();
}

// Notes that the record in hand is a part of `pending`.
Status EpisodeAssembler::Keep(Pending* pending) {
  pending->bytes += record_.size();
  if (pending->bytes > mcap::kMaxChunkBytes) {
    failing_id_ = pending->stored.episode.id;
    return Corrupt("an episode has more than " + std::to_string(mcap::kMaxChunkBytes) + " bytes");
  }
  pending->our_layout = pending->our_layout && record_is_fixed_;
  if (!whole_chunk_.empty() || pending->shared) return Ok();
  pending->records.insert(pending->records.end(), record_.begin(), record_.end());
  return Ok();
}

EpisodeAssembler::Pending* EpisodeAssembler::Find(std::string_view id) {
  failing_id_ = "";
  for (const auto& pending : open_) {
    if (pending->stored.episode.id != id) continue;
    failing_id_ = pending->stored.episode.id;
    return pending.get();
  }
  return nullptr;
}

// The episodes that a message without an id may belong to.
const std::vector<EpisodeAssembler::Pending*>& EpisodeAssembler::Collecting() {
  collecting_.clear();
  for (const auto& pending : open_) {
    if (!pending->outcome) collecting_.push_back(pending.get());
  }
  if (collecting_.size() < 2) return collecting_;
  for (Pending* pending : collecting_) {
    pending->shared = true;
    pending->records.clear();
  }
  return collecting_;
}

Status EpisodeAssembler::StartEpisode(ByteSpan body) {
  failing_id_ = "";
  QT_ASSIGN(Episode episode, DecodeEpisode(body));
  for (size_t i = open_.size(); i-- > 0;) {
    if (open_[i]->stored.episode.id != episode.id) continue;
    if (open_[i]->outcome) {
      Close(i);  // the same episode once more
    } else {
      Fail(i, Corrupt("an episode has no Outcome"), open_[i]->offset);
    }
  }
  if (open_.size() >= kMaxOpen) Fail(0, Corrupt("an episode has no Outcome"), open_[0]->offset);
  auto pending = std::make_unique<Pending>();
  pending->offset = offset_;
  pending->started = pending->last_step = ++clock_;
  pending->stored.episode = std::move(episode);
  pending->stored.episode.steps.reserve(kUsualSteps);
  pending->cameras.reserve(2 * kUsualSteps);
  open_.push_back(std::move(pending));
  return Keep(open_.back().get());
}

Status EpisodeAssembler::AddStep(ByteSpan body) {
  QT_ASSIGN(StepMessage message, DecodeStep(body));
  Pending* pending = Find(message.episode_id);
  if (pending == nullptr) return Ok();  // of an episode that was dropped, or whose start is lost
  pending->last_step = ++clock_;
  Episode& episode = pending->stored.episode;
  if (episode.steps.size() >= kMaxSteps) return Corrupt("an episode has too many steps");
  if (!episode.steps.empty() && message.step.stamp_ns <= episode.steps.back().stamp_ns) {
    return Corrupt("the stamps of the steps do not increase");
  }
  episode.steps.push_back(std::move(message.step));
  return Keep(pending);
}

Status EpisodeAssembler::AddPicture(Topic topic, ByteSpan body) {
  const std::vector<Pending*>& targets = Collecting();
  if (targets.empty()) return Ok();
  failing_id_ = targets.back()->stored.episode.id;
  const bool raw = topic == Topic::kRawImage || topic == Topic::kRawCheck;
  QT_ASSIGN(ImageMessage message,
            raw ? DecodeRawImage(body, whole_chunk_) : DecodeCompressedImage(body, whole_chunk_));
  const bool of_step = topic == Topic::kImage || topic == Topic::kRawImage;
  for (Pending* pending : targets) {
    const bool last = pending == targets.back();
    EncodedImage image = last ? std::move(message.image) : message.image;
    QT_TRY(Keep(pending));
    if (!of_step) {
      std::vector<EvidenceFrame>& evidence = pending->stored.episode.evidence;
      if (evidence.size() >= kMaxEvidence) return Corrupt("an episode has too many check pictures");
      evidence.push_back({message.frame_id, message.stamp_ns, std::move(image)});
      continue;
    }
    if (pending->pictures.size() >= kMaxSteps) return Corrupt("an episode has too many pictures");
    auto& pictures = pending->pictures;  // they come in the order of their stamps
    Pending::Picture& picture = pictures.try_emplace(pictures.end(), message.stamp_ns)->second;
    pending->ambiguous =
        pending->ambiguous || (!picture.image.bytes.empty() && !SameImage(picture.image, image));
    picture = {std::move(image), pending->cameras.size()};
  }
  return Ok();
}

Status EpisodeAssembler::AddCamera(Topic topic, const mcap::Message& message) {
  const std::vector<Pending*>& targets = Collecting();
  if (targets.empty()) return Ok();
  failing_id_ = targets.back()->stored.episode.id;
  CameraEvent event{static_cast<int64_t>(message.publish_time), topic != Topic::kCameraInfo, {}};
  if (event.is_pose) {
    QT_ASSIGN(const bool found, DecodeCameraPose(message.data, &event.camera.X_WC));
    if (!found) return Ok();
  } else {
    QT_TRY(DecodeCameraInfo(message.data, &event.camera));
  }
  for (Pending* pending : targets) {
    if (pending->cameras.size() >= kMaxCameras) return Corrupt("an episode has too many cameras");
    pending->cameras.push_back(event);
    QT_TRY(Keep(pending));
  }
  return Ok();
}

Status EpisodeAssembler::AddOutcome(ByteSpan body) {
  QT_ASSIGN(OutcomeMessage message, DecodeOutcome(body));
  Pending* pending = Find(message.episode_id);
  if (pending == nullptr) return Ok();
  pending->outcome = std::move(message);
  QT_TRY(Keep(pending));
  DropAbandoned(*pending);
  const auto finished = [](const auto& one) { return one->outcome.has_value(); };
  if (std::count_if(open_.begin(), open_.end(), finished) > static_cast<int>(kMaxFinished)) {
    Close(static_cast<size_t>(std::find_if(open_.begin(), open_.end(), finished) - open_.begin()));
  }
  return Ok();
}

// An episode that got no step while another one began and ended will never be complete.
void EpisodeAssembler::DropAbandoned(const Pending& finished) {
  const uint64_t started = finished.started;
  for (size_t i = open_.size(); i-- > 0;) {
    if (open_[i]->outcome || open_[i]->last_step >= started) continue;
    Fail(i, Corrupt("an episode has no Outcome"), open_[i]->offset);
  }
}

Status EpisodeAssembler::AddLabel(ByteSpan body) {
  QT_ASSIGN(LabelMessage message, DecodeLabel(body));
  Pending* pending = Find(message.episode_id);
  if (pending == nullptr) {
    const auto& ids = recent_ids_;
    const bool late = std::find(ids.begin(), ids.end(), message.episode_id) != ids.end();
    if (late) errors_.push_back({Corrupt("a Label comes too late for its episode"), offset_});
    return Ok();
  }
  Episode& episode = pending->stored.episode;
  if (episode.labels.size() >= kMaxLabels) return Corrupt("an episode has too many labels");
  episode.labels.push_back(std::move(message.label));
  return Keep(pending);
}

Status EpisodeAssembler::Pending::Check() const {
  const Episode& episode = stored.episode;
  if (outcome->steps != episode.steps.size()) {
    return Corrupt("an episode of " + std::to_string(outcome->steps) + " steps holds " +
                   std::to_string(episode.steps.size()));
  }
  for (const Label& label : episode.labels) {
    if (label.reward.size() != episode.steps.size()) {
      return Corrupt("a label has " + std::to_string(label.reward.size()) + " rewards for " +
                     std::to_string(episode.steps.size()) + " steps");
    }
  }
  return Ok();
}

// Gives every step its picture and the camera that was valid then.
Status EpisodeAssembler::Pending::Join() {
  Episode& episode = stored.episode;
  episode.end_reason = outcome->end_reason;
  episode.final_gripper = outcome->final_gripper;
  episode.content_hash = outcome->content_hash;
  QT_TRY(FindPictures());
  if (shared) SelectShared();
  JoinCameras();
  for (size_t i = 0; i < episode.steps.size(); ++i) {
    episode.steps[i].observation.image = std::move(picture_of_step[i]->image);
  }
  if (!our_layout || shared) {
    stored.records = {};
  } else if (stored.records.empty()) {
    stored.records = std::move(records);
  }
  if (!shared) return Ok();
  // Whatever was guessed above: this must be what was recorded.
  if (ambiguous || ComputeContentHash(episode) != episode.content_hash) {
    return Corrupt("the messages of several episodes are mixed and cannot be told apart");
  }
  return Ok();
}

// Steps and pictures are both in the order of their stamps.
Status EpisodeAssembler::Pending::FindPictures() {
  picture_of_step.reserve(stored.episode.steps.size());
  auto picture = pictures.begin();
  for (const Step& step : stored.episode.steps) {
    while (picture != pictures.end() && picture->first < step.stamp_ns) ++picture;
    if (picture == pictures.end() || picture->first != step.stamp_ns) {
      return Corrupt("a step has no picture of its stamp");
    }
    picture_of_step.push_back(&picture->second);
  }
  return Ok();
}

void EpisodeAssembler::Pending::JoinCameras() {
  Episode& episode = stored.episode;
  std::vector<CameraModel> states(1);  // after so many events
  states.reserve(cameras.size() + 1);
  bool has_info = false, has_pose = false;
  for (const CameraEvent& event : cameras) {
    states.push_back(states.back());
    Apply(event, &states.back());
    if (!has_info || !has_pose) episode.camera = states.back();
    has_info = has_info || !event.is_pose;
    has_pose = has_pose || event.is_pose;
  }
  for (size_t i = 0; i < episode.steps.size(); ++i) {
    episode.steps[i].observation.camera = states[picture_of_step[i]->num_cameras];
  }
}

// Where the messages of several episodes are mixed, the stamps tell which are ours.
void EpisodeAssembler::Pending::SelectShared() {
  std::set<int64_t> stamps;
  for (const Step& step : stored.episode.steps) stamps.insert(step.stamp_ns);
  if (stamps.empty()) stamps.insert(stored.episode.stamp_ns);
  std::erase_if(stored.episode.evidence, [&](const EvidenceFrame& frame) {
    return frame.stamp_ns < *stamps.rbegin() || frame.stamp_ns > outcome->stamp_ns;
  });
  std::erase_if(cameras, [&](const CameraEvent& e) { return !stamps.contains(e.stamp_ns); });
  std::stable_sort(cameras.begin(), cameras.end(),
                   [](const auto& a, const auto& b) { return a.stamp_ns < b.stamp_ns; });
  for (size_t i = 1; i < cameras.size(); ++i) {
    CameraModel merged = cameras[i - 1].camera;
    const bool clash = cameras[i].stamp_ns == cameras[i - 1].stamp_ns &&
                       cameras[i].is_pose == cameras[i - 1].is_pose &&
                       // Bit for bit; it has no padding. NOLINTNEXTLINE(bugprone-*)
                       std::memcmp(&merged, &cameras[i].camera, sizeof merged) != 0;
    ambiguous = ambiguous || clash;
  }
  for (auto& [stamp_ns, picture] : pictures) {
    picture.num_cameras = static_cast<size_t>(
        std::count_if(cameras.begin(), cameras.end(),
                      [stamp = stamp_ns](const auto& event) { return event.stamp_ns <= stamp; }));
  }
}

void EpisodeAssembler::KeepCompressed(size_t unpacked_bytes, ByteSpan compressed) {
  if (done_.empty() || done_.back().stored.records.size() != unpacked_bytes) return;
  done_.back().stored.compressed.assign(compressed.begin(), compressed.end());
}

void EpisodeAssembler::Close(size_t index) {
  Status closed = open_[index]->Check();
  if (closed.ok()) closed = open_[index]->Join();
  if (!closed.ok()) return Fail(index, std::move(closed), open_[index]->offset);
  recent_ids_.push_back(open_[index]->stored.episode.id);
  if (recent_ids_.size() > kMaxRecentIds) recent_ids_.pop_front();
  done_.push_back({std::move(open_[index]->stored), open_[index]->offset});
  open_.erase(open_.begin() + static_cast<ptrdiff_t>(index));
}

void EpisodeAssembler::Fail(size_t index, Status status, uint64_t offset) {
  const std::string name = Quote(open_[index]->stored.episode.id);
  errors_.push_back({Corrupt(status.message() + "; " + name + " is lost"), offset});
  open_.erase(open_.begin() + static_cast<ptrdiff_t>(index));
}

// The message in hand is wrong, and so is the episode that it belongs to, as far as that is known.
void EpisodeAssembler::FailCurrent(Status status) {
  std::vector<size_t> collecting, guilty;
  for (size_t i = 0; i < open_.size(); ++i) {
    if (!open_[i]->outcome) collecting.push_back(i);
    if (open_[i]->stored.episode.id == failing_id_) guilty.push_back(i);
  }
  if (!failing_id_ && collecting.size() == 1) guilty = collecting;
  if (!failing_id_ && collecting.empty() && open_.size() == 1) guilty = {0};
  if (!guilty.empty()) return Fail(guilty[0], std::move(status), offset_);
  errors_.push_back({Corrupt(status.message() + "; an episode is lost"), offset_});
}

void EpisodeAssembler::EndOfData() {
  while (!open_.empty()) {
    if (open_[0]->outcome) {
      Close(0);
    } else {
      Fail(0, Corrupt("an episode has no Outcome"), open_[0]->offset);
    }
  }
}

void EpisodeAssembler::Drop() { open_.clear(); }

std::optional<EpisodeAssembler::Assembled> EpisodeAssembler::Take() {
  if (done_.empty()) return std::nullopt;
  Assembled episode = std::move(done_.front());
  done_.pop_front();
  return episode;
}

std::vector<AssemblyError> EpisodeAssembler::TakeErrors() { return std::exchange(errors_, {}); }

}  // namespace qt::episodes
