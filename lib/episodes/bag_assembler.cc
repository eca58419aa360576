// SPDX-License-Identifier: Apache-2.0
#include "episodes/bag_assembler.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/number_text.h"
#include "episodes/episode_messages.h"
#include "json/json.h"

namespace qt::episodes {
namespace {

constexpr float kNotRecorded = std::numeric_limits<float>::quiet_NaN();
// A bag with more pictures than fit into a chunk becomes several episodes.
constexpr size_t kMaxPictureBytes = 192u << 20;

// The topic of the camera's calibration beside its pictures, as image_transport names them.
std::string InfoTopicOf(std::string topic) {
  constexpr std::string_view kSuffix = "/compressed";
  if (topic.ends_with(kSuffix)) topic.resize(topic.size() - kSuffix.size());
  const size_t slash = topic.rfind('/');
  return (slash == std::string::npos ? "" : topic.substr(0, slash)) + "/camera_info";
}

GripperState UnknownGripper() {
  return {kNotRecorded, kNotRecorded, kNotRecorded, kNotRecorded, kNotRecorded, kNotRecorded};
}

CameraModel UnknownCamera() {
  CameraModel camera;
  camera.fx_px = camera.fy_px = camera.cx_px = camera.cy_px = kNotRecorded;
  camera.X_WC = {{kNotRecorded, kNotRecorded, kNotRecorded},
                 {kNotRecorded, kNotRecorded, kNotRecorded, kNotRecorded}};
  return camera;
}

Action UnknownAction() {
  ActionNumbers numbers;
  numbers.fill(kNotRecorded);
  return Action::FromArray(numbers);
}

std::string ListOf(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

}  // namespace

BagAssembler::BagAssembler(std::string camera_topic)
    : camera_topic_(std::move(camera_topic)),
      info_topic_(InfoTopicOf(camera_topic_)),
      camera_(UnknownCamera()) {}

void BagAssembler::Add(const ChannelTable& channels, const mcap::Message& message,
                       uint64_t offset) {
  const ChannelTable::Description* channel = channels.Describe(message.channel_id);
  if (channel == nullptr || channel->message_encoding != "cdr") return;
  if (channel->topic == camera_topic_) {
    found_topic_ = true;
    return AddPicture(channel->schema_name, message, offset);
  }
  if (channel->topic == info_topic_ && channel->schema_name == "sensor_msgs/msg/CameraInfo") {
    CameraModel camera = camera_;
    if (DecodeCameraInfo(message.data, &camera).ok()) camera_ = camera;
  }
}

void BagAssembler::AddPicture(const std::string& schema_name, const mcap::Message& message,
                              uint64_t offset) {
  Result<ImageMessage> picture = Corrupt("the type " + schema_name + " holds no pictures");
  if (schema_name == "sensor_msgs/msg/CompressedImage") {
    picture = DecodeCompressedImage(message.data);
  } else if (schema_name == "sensor_msgs/msg/Image") {
    picture = DecodeRawImage(message.data);
  }
  if (picture.ok() && (picture->image.width_px == 0 || picture->image.height_px == 0)) {
    picture = Corrupt(schema_name.substr(schema_name.rfind('/') + 1) +
                      ": what it holds is no picture that can be read");
  }
  if (!picture.ok()) {
    Unusable& unusable = unusable_[picture.status().message()];
    if (unusable.count++ == 0) unusable.offset = offset;
    return;
  }
  if (bytes_ + picture->image.bytes.size() > kMaxPictureBytes ||
      episode_.steps.size() == kMaxSteps) {
    Finish();
  }
  // Many drivers leave the stamp empty, and the steps of an episode need one each.
  const int64_t last_ns = episode_.steps.empty() ? 0 : episode_.steps.back().stamp_ns;
  int64_t stamp_ns = picture->stamp_ns;
  if (stamp_ns <= last_ns) stamp_ns = static_cast<int64_t>(message.log_time);
  if (stamp_ns <= last_ns || stamp_ns > kMaxStamp_ns) stamp_ns = last_ns + 1;
  AddStep(stamp_ns, std::move(picture->image));
}

void BagAssembler::AddStep(int64_t stamp_ns, EncodedImage image) {
  bytes_ += image.bytes.size();
  Step step;
  step.stamp_ns = stamp_ns;
  step.observation.camera = camera_;
  step.observation.camera.width_px = image.width_px;
  step.observation.camera.height_px = image.height_px;
  step.observation.image = std::move(image);
  step.observation.gripper = UnknownGripper();
  step.observation.step = static_cast<uint32_t>(episode_.steps.size());
  step.observation.fruitless = 0;
  step.action = UnknownAction();
  episode_.steps.push_back(std::move(step));
}

void BagAssembler::Finish() {
  if (episode_.steps.empty()) return;
  bytes_ = 0;
  episode_.env = kBagEnvironment;
  episode_.env_config = json::Dump(Json{{"camera_topic", camera_topic_}});
  episode_.index = next_index_++;
  episode_.stamp_ns = episode_.steps.front().stamp_ns;
  episode_.camera = episode_.steps.front().observation.camera;
  episode_.final_gripper = UnknownGripper();
  episode_.id = "bag-";  // the hash needs no name, and the name follows from the hash
  episode_.id += HexText(ComputeContentHash(episode_));
  episode_.content_hash = ComputeContentHash(episode_);
  done_.push_back({std::exchange(episode_, Episode()), {}});
}

void BagAssembler::EndOfData(const ChannelTable& channels, uint64_t offset) {
  Finish();
  if (!found_topic_) {
    const std::vector<std::string> topics = channels.CameraTopics();
    const bool declared = std::find(topics.begin(), topics.end(), camera_topic_) != topics.end();
    errors_.push_back({Corrupt(declared ? "has no CDR message on " + camera_topic_
                                        : "has no topic " + camera_topic_ +
                                              "; its camera topics: " + ListOf(topics)),
                       offset});
  }
  for (const auto& [what, unusable] : unusable_) {
    errors_.push_back({Corrupt(what + "; " + std::to_string(unusable.count) +
                               (unusable.count == 1 ? " picture" : " pictures") + " left out"),
                       unusable.offset});
  }
  found_topic_ = false;
  unusable_.clear();
  camera_ = UnknownCamera();
  next_index_ = 0;
}

std::optional<StoredEpisode> BagAssembler::Take() {
  if (done_.empty()) return std::nullopt;
  StoredEpisode episode = std::move(done_.front());
  done_.pop_front();
  return episode;
}

std::vector<AssemblyError> BagAssembler::TakeErrors() { return std::exchange(errors_, {}); }

}  // namespace qt::episodes
