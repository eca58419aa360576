// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

#include "base/build_info.h"
#include "base/check.h"
#include "base/digest.h"
#include "episodes/episode_layout.h"
#include "episodes/episode_messages.h"
#include "mcap/mcap.h"
#include "mcap/mcap_writer.h"

namespace qt::episodes {
namespace {

using EncodeBody = std::function<void(Bytes*)>;

// The number under which a message counts in the content hash; 0 if it does not. Raw pictures count
// as the compressed ones do.
uint16_t HashNumber(Topic topic) {
  switch (topic) {
    case Topic::kImage:
    case Topic::kRawImage:
      return static_cast<uint16_t>(Topic::kImage);
    case Topic::kStep:
      return static_cast<uint16_t>(Topic::kStep);
    case Topic::kCheck:
    case Topic::kRawCheck:
      return static_cast<uint16_t>(Topic::kCheck);
    default:
      return 0;
  }
}

// The message is `body` and behind it `tail`.
void UpdateHash(Topic topic, ByteSpan body, ByteSpan tail, ContentHash* hash) {
  const uint16_t number = HashNumber(topic);
  if (number == 0) return;
  const uint64_t length = body.size() + tail.size();
  std::array<uint8_t, sizeof number + sizeof length> head;
  std::memcpy(head.data(), &number, sizeof number);
  std::memcpy(head.data() + sizeof number, &length, sizeof length);
  hash->Update(head);
  hash->Update(body);
  hash->Update(tail);
}

// Appends one Message record whose body `encode` writes; returns where the body starts.
size_t AppendMessage(Topic topic, size_t sequence, uint64_t log_time, int64_t stamp_ns,
                     const EncodeBody& encode, Bytes* records) {
  mcap::Builder head;
  head.Begin(mcap::kMessage);
  head.Put(static_cast<uint16_t>(topic));
  head.Put(static_cast<uint32_t>(sequence));
  head.Put(log_time);
  head.Put(static_cast<uint64_t>(std::max<int64_t>(stamp_ns, 0)));
  const size_t record_start = records->size();
  records->insert(records->end(), head.bytes().begin(), head.bytes().end());
  const size_t body_start = records->size();
  encode(records);
  const uint64_t length = records->size() - record_start - mcap::kFramingBytes;
  std::memcpy(records->data() + record_start + 1, &length, sizeof length);
  return body_start;
}

// The observations of an episode go through `visit` in the order in which they are recorded. A
// message is what `encode` writes and behind it `tail`, the bytes of a picture.
using VisitMessage = std::function<void(Topic topic, size_t sequence, int64_t stamp_ns,
                                        const EncodeBody& encode, ByteSpan tail)>;

Topic ImageTopic(const EncodedImage& image) {
  return image.encoding == ImageEncoding::kRgb8 ? Topic::kRawImage : Topic::kImage;
}

void VisitStep(const Episode& episode, size_t index, const VisitMessage& visit) {
  const Step& step = episode.steps[index];
  const EncodedImage& image = step.observation.image;
  visit(
      ImageTopic(image), index, step.stamp_ns,
      [&](Bytes* out) { EncodeImageHead(image, step.stamp_ns, kCameraFrame, out); }, image.bytes);
  const bool is_last = index + 1 == episode.steps.size();
  visit(Topic::kStep, index, step.stamp_ns,
        [&](Bytes* out) { EncodeStep(episode.id, step, index == 0, is_last, out); }, {});
}

void VisitEvidence(const Episode& episode, const VisitMessage& visit) {
  for (size_t i = 0; i < episode.evidence.size(); ++i) {
    const EvidenceFrame& frame = episode.evidence[i];
    const bool raw = frame.image.encoding == ImageEncoding::kRgb8;
    visit(
        raw ? Topic::kRawCheck : Topic::kCheck, i, frame.stamp_ns,
        [&](Bytes* out) { EncodeImageHead(frame.image, frame.stamp_ns, frame.name, out); },
        frame.image.bytes);
  }
}

// Bit for bit, so that NaN equals itself and what was recorded can be restored exactly.
template <size_t kSize>
bool SameBits(const std::array<double, kSize>& a, const std::array<double, kSize>& b) {
  using Bits = std::array<uint64_t, kSize>;
  return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b);
}
std::array<double, 7> PoseNumbers(const CameraModel& camera) {
  const Pose& pose = camera.X_WC;
  return {pose.p_m[0], pose.p_m[1], pose.p_m[2], pose.q.w, pose.q.x, pose.q.y, pose.q.z};
}
std::array<double, 6> Intrinsics(const CameraModel& camera) {
  return {double(camera.width_px),
          double(camera.height_px),
          camera.fx_px,
          camera.fy_px,
          camera.cx_px,
          camera.cy_px};
}

// Writes the camera where it changes. A camera that moves within the episode goes to /tf, with its
// pose at every step, because viewers interpolate there; a fixed one goes to /tf_static once.
class CameraTrack {
 public:
  CameraTrack(const Episode& episode, VisitMessage visit) : visit_(std::move(visit)) {
    const auto moved = [&](const Step& step) {
      return !SameBits(PoseNumbers(step.observation.camera), PoseNumbers(episode.camera));
    };
    moves_ = std::any_of(episode.steps.begin(), episode.steps.end(), moved);
    const int64_t stamp_ns = episode.steps.empty() ? episode.stamp_ns : episode.steps[0].stamp_ns;
    PutInfo(episode.camera, stamp_ns);
    PutPose(episode.camera, stamp_ns);
  }
  void BeforeStep(const Step& step) {
    const CameraModel& camera = step.observation.camera;
    if (!SameBits(Intrinsics(camera), Intrinsics(current_))) PutInfo(camera, step.stamp_ns);
    if (moves_) PutPose(camera, step.stamp_ns);
  }

 private:
  void PutInfo(const CameraModel& camera, int64_t stamp_ns) {
    visit_(Topic::kCameraInfo, num_infos_++, stamp_ns,
           [&](Bytes* out) { EncodeCameraInfo(camera, stamp_ns, out); }, {});
    current_ = camera;
  }
  void PutPose(const CameraModel& camera, int64_t stamp_ns) {
    visit_(moves_ ? Topic::kTf : Topic::kTfStatic, num_poses_++, stamp_ns,
           [&](Bytes* out) { EncodeCameraPose(camera.X_WC, stamp_ns, out); }, {});
  }

  VisitMessage visit_;
  bool moves_ = false;
  CameraModel current_;
  size_t num_infos_ = 0, num_poses_ = 0;
};

int64_t LastStamp(const Episode& episode) {
  int64_t last = episode.stamp_ns;
  for (const Step& step : episode.steps) last = std::max(last, step.stamp_ns);
  for (const EvidenceFrame& frame : episode.evidence) last = std::max(last, frame.stamp_ns);
  return last;
}

// Of the records but their pictures, roughly.
constexpr size_t kUsualHead_bytes = 4 << 10, kUsualStep_bytes = 512;

size_t UsualRecordsBytes(const Episode& episode) {
  size_t bytes = kUsualHead_bytes + kUsualStep_bytes * episode.steps.size();
  for (const Step& step : episode.steps) bytes += step.observation.image.bytes.size();
  for (const EvidenceFrame& frame : episode.evidence) bytes += frame.image.bytes.size();
  return bytes;
}

void CheckLabels(std::span<const Label> labels, size_t num_steps) {
  for (const Label& label : labels) {
    QT_CHECK(label.reward.size() == num_steps, "rewards", label.reward.size(), "steps", num_steps);
    for (float reward : label.reward) QT_CHECK(std::isfinite(reward), "reward", reward);
  }
}

void CheckEpisode(const Episode& episode) {
  QT_CHECK(episode.steps.size() <= kMaxSteps, "steps", episode.steps.size());
  QT_CHECK(LastStamp(episode) <= kMaxStamp_ns, "stamp", LastStamp(episode));
  for (size_t i = 1; i < episode.steps.size(); ++i) {
    QT_CHECK(episode.steps[i].stamp_ns > episode.steps[i - 1].stamp_ns, "step", i);
  }
}

}  // namespace

void LogClock::StartEpisode(int64_t first_stamp_ns) {
  const int64_t earliest = used_ ? static_cast<int64_t>(last_) + 1 : 0;
  shift_ns_ = std::max<int64_t>(0, earliest - first_stamp_ns);
}

uint64_t LogClock::At(int64_t stamp_ns) {
  const uint64_t wanted = static_cast<uint64_t>(std::max<int64_t>(0, stamp_ns + shift_ns_));
  last_ = used_ ? std::max(wanted, last_ + 1) : wanted;
  used_ = true;
  return last_;
}

void LogClock::Advance(uint64_t last) {
  last_ = last;
  used_ = true;
}

EncodedEpisode EncodeRecords(const Episode& episode, LogClock* clock) {
  CheckEpisode(episode);
  EncodedEpisode encoded;
  encoded.records.reserve(UsualRecordsBytes(episode));
  ContentHash hash;
  const VisitMessage visit = [&](Topic topic, size_t sequence, int64_t stamp_ns,
                                 const EncodeBody& encode, ByteSpan tail) {
    const EncodeBody encode_all = [&](Bytes* out) {
      encode(out);
      out->insert(out->end(), tail.begin(), tail.end());
    };
    const size_t body =
        AppendMessage(topic, sequence, clock->At(stamp_ns), stamp_ns, encode_all, &encoded.records);
    UpdateHash(topic, ByteSpan(encoded.records).subspan(body), {}, &hash);
    encoded.topics.insert(topic);
  };
  clock->StartEpisode(episode.stamp_ns);
  visit(Topic::kEpisode, 0, episode.stamp_ns, [&](Bytes* out) { EncodeEpisode(episode, out); }, {});
  CameraTrack camera(episode, visit);
  for (size_t i = 0; i < episode.steps.size(); ++i) {
    camera.BeforeStep(episode.steps[i]);
    VisitStep(episode, i, visit);
  }
  VisitEvidence(episode, visit);
  encoded.content_hash = hash.Value();
  const int64_t end_ns = LastStamp(episode);
  visit(Topic::kOutcome, 0, end_ns,
        [&](Bytes* out) { EncodeOutcome(episode, end_ns, encoded.content_hash, out); }, {});
  AppendLabels(episode, episode.labels, 0, clock, &encoded);
  return encoded;
}

void AppendLabels(const Episode& episode, std::span<const Label> new_labels, size_t first_sequence,
                  LogClock* clock, EncodedEpisode* encoded) {
  CheckLabels(new_labels, episode.steps.size());
  for (size_t i = 0; i < new_labels.size(); ++i) {
    const uint64_t log_time = clock->Next();
    const int64_t stamp_ns = static_cast<int64_t>(log_time);
    AppendMessage(
        Topic::kLabel, first_sequence + i, log_time, stamp_ns,
        [&](Bytes* out) {
          EncodeLabel(episode.id, new_labels[i], encoded->content_hash, stamp_ns, out);
        },
        &encoded->records);
    encoded->topics.insert(Topic::kLabel);
  }
}

uint64_t HashRecords(ByteSpan records) {
  ContentHash hash;
  const Status walked = mcap::ForEachRecord(records, [&](const mcap::RecordView& record) -> Status {
    QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
    UpdateHash(static_cast<Topic>(message.channel_id), message.data, {}, &hash);
    return Ok();
  });
  QT_CHECK(walked.ok(), walked.message());
  return hash.Value();
}

uint64_t ComputeContentHash(const Episode& episode) {
  ContentHash hash;
  Bytes body;
  const VisitMessage visit = [&](Topic topic, size_t, int64_t, const EncodeBody& encode,
                                 ByteSpan tail) {
    body.clear();
    encode(&body);
    UpdateHash(topic, body, tail, &hash);
  };
  for (size_t i = 0; i < episode.steps.size(); ++i) VisitStep(episode, i, visit);
  VisitEvidence(episode, visit);
  return hash.Value();
}

namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kRoomForLabels_bytes = 4096;  // usually enough: no second copy for their sake
constexpr int kZstdLevelForRaw = 3;            // JPEG does not compress further; raw pictures do

Program ProgramRecord(const Lineage& lineage) {
  Program record = lineage.extra;
  record["tool"] = lineage.tool;
  record["command_line"] = lineage.command_line;
  if (!lineage.run_id.empty()) record["run_id"] = lineage.run_id;
  return record;
}

struct CopyRange {
  uint64_t first = 0, last = 0;
  bool any = false;
};

// Visits copied records, which were parsed when they were read.
void ForEachMessage(ByteSpan records,
                    const std::function<void(const mcap::Message&, uint64_t offset)>& visit) {
  const Status walked = mcap::ForEachRecord(records, [&](const mcap::RecordView& record) -> Status {
    QT_ASSIGN(const mcap::Message message, mcap::ParseMessage(record.body));
    visit(message, record.offset);
    return Ok();
  });
  QT_CHECK(walked.ok(), walked.message());
}

// The topics and the range of log times of copied records.
CopyRange ScanCopy(ByteSpan records, std::set<Topic>* topics) {
  CopyRange range;
  ForEachMessage(records, [&](const mcap::Message& message, uint64_t) {
    const uint64_t time = message.log_time;
    range.first = range.any ? std::min(range.first, time) : time;
    range.last = range.any ? std::max(range.last, time) : time;
    range.any = true;
    topics->insert(static_cast<Topic>(message.channel_id));
  });
  return range;
}

void ShiftTimes(uint64_t shift, Bytes* records) {
  ForEachMessage(*records, [&](const mcap::Message& message, uint64_t offset) {
    const uint64_t time = message.log_time + shift;
    const size_t field = offset + mcap::kFramingBytes + 6;  // after channel and sequence
    std::memcpy(records->data() + field, &time, sizeof time);
  });
}

}  // namespace

struct EpisodeWriter::Impl {
  Impl(std::unique_ptr<ByteSink> sink, Lineage the_lineage)
      : writer(std::move(sink)), lineage(std::move(the_lineage)) {}

  // What stands before the first episode.
  Status Start() {
    if (started) return Ok();
    started = true;
    QT_TRY(writer.Start("ros2", std::string(kLibraryPrefix) + Version()));
    for (uint16_t id = 1; id <= kNumCommonTopics; ++id) QT_TRY(Declare(static_cast<Topic>(id)));
    return WriteLineage();
  }

  Status WriteLineage() {
    if (!lineage.run_id.empty())
      QT_TRY(writer.Add(mcap::Metadata{"qt.run", {{"run_id", lineage.run_id}}}));
    for (const Program& program : lineage.inherited) QT_TRY(WriteProgram(program));
    num_inherited = lineage.inherited.size();
    return WriteProgram(ProgramRecord(lineage));
  }

  Status WriteProgram(const Program& program) {
    return writer.Add(mcap::Metadata{"qt.program." + std::to_string(++num_programs), program});
  }

  Status Declare(Topic topic) {
    const mcap::Channel channel = ChannelFor(topic);
    if (writer.HasChannel(channel.id)) return Ok();
    if (!declared_schemas.contains(channel.schema_id)) {
      declared_schemas.insert(channel.schema_id);
      QT_TRY(writer.Add(SchemaFor(topic)));
    }
    return writer.Add(channel);
  }

  Status Begin(const std::set<Topic>& topics) {
    QT_TRY(Start());
    for (Topic topic : topics) QT_TRY(Declare(topic));
    return Ok();
  }

  Status WriteChunk(ByteSpan records, const std::set<Topic>& topics) {
    QT_TRY(Begin(topics));
    const bool raw = topics.contains(Topic::kRawImage) || topics.contains(Topic::kRawCheck);
    if (records.size() > mcap::kMaxChunkBytes) {
      return Failed("an episode of " + std::to_string(records.size()) +
                    " bytes is too large for one chunk");
    }
    QT_TRY(writer.AddChunk(records, raw ? kZstdLevelForRaw : kZstdLevel));
    ++num_episodes;
    return Ok();
  }

  mcap::Writer writer;
  Lineage lineage;
  LogClock clock;
  std::set<uint16_t> declared_schemas;
  bool started = false;
  size_t num_inherited = 0, num_programs = 0;
  uint64_t num_episodes = 0, num_verbatim = 0;
};

EpisodeWriter::EpisodeWriter(std::unique_ptr<ByteSink> sink, Lineage lineage)
    : impl_(std::make_unique<Impl>(std::move(sink), std::move(lineage))) {}

EpisodeWriter::~EpisodeWriter() = default;

Status EpisodeWriter::Write(const Episode& episode) {
  const EncodedEpisode encoded = EncodeRecords(episode, &impl_->clock);
  return impl_->WriteChunk(encoded.records, encoded.topics);
}

Status EpisodeWriter::WriteCopy(const StoredEpisode& stored, std::span<const Label> new_labels) {
  if (stored.records.empty()) {
    Episode episode = stored.episode;
    episode.labels.insert(episode.labels.end(), new_labels.begin(), new_labels.end());
    return Write(episode);
  }
  EncodedEpisode encoded;
  encoded.content_hash = stored.episode.content_hash;
  const CopyRange as_is = ScanCopy(stored.records, &encoded.topics);
  const uint64_t shift = impl_->clock.ShiftFor(as_is.first);
  impl_->clock.Advance(as_is.last + shift);
  if (shift == 0 && new_labels.empty() && !stored.compressed.empty()) {
    QT_TRY(impl_->Begin(encoded.topics));
    ++impl_->num_episodes;
    ++impl_->num_verbatim;
    return impl_->writer.AddCompressedChunk(stored.records, stored.compressed);
  }
  if (shift == 0 && new_labels.empty()) {
    return impl_->WriteChunk(stored.records, encoded.topics);
  }
  encoded.records.reserve(stored.records.size() + kRoomForLabels_bytes);
  encoded.records.assign(stored.records.begin(), stored.records.end());
  if (shift > 0) ShiftTimes(shift, &encoded.records);
  AppendLabels(stored.episode, new_labels, stored.episode.labels.size(), &impl_->clock, &encoded);
  return impl_->WriteChunk(encoded.records, encoded.topics);
}

Status EpisodeWriter::Finish() {
  QT_TRY(impl_->Start());
  return impl_->writer.Finish();
}

void EpisodeWriter::Discard() { impl_->writer.Discard(); }

uint64_t EpisodeWriter::num_episodes() const { return impl_->num_episodes; }
uint64_t EpisodeWriter::num_verbatim() const { return impl_->num_verbatim; }

Status EpisodeWriter::Inherit(std::span<const Program> programs) {
  if (!impl_->started) {
    if (programs.size() > impl_->lineage.inherited.size()) {
      impl_->lineage.inherited.assign(programs.begin(), programs.end());
    }
    return Ok();
  }
  for (; impl_->num_inherited < programs.size(); ++impl_->num_inherited) {
    QT_TRY(impl_->WriteProgram(programs[impl_->num_inherited]));
  }
  return Ok();
}

EpisodeDigest DigestOf(const StoredEpisode& stored) {
  LogClock clock;
  Bytes encoded;
  if (stored.records.empty()) encoded = EncodeRecords(stored.episode, &clock).records;
  ContentHash hash;
  ForEachMessage(stored.records.empty() ? ByteSpan(encoded) : ByteSpan(stored.records),
                 [&](const mcap::Message& message, uint64_t) {
                   constexpr size_t kStampEnd = 12;  // of a Label: CDR header and stamp
                   const bool label = message.channel_id == uint16_t(Topic::kLabel);
                   const uint64_t length = message.data.size();
                   mcap::Builder head;
                   head.Put(message.channel_id);
                   head.Put(length);
                   hash.Update(head.bytes());
                   hash.Update(message.data.subspan(label ? std::min(length, kStampEnd) : 0));
                 });
  return {stored.episode.content_hash, hash.Value()};
}

}  // namespace qt::episodes
