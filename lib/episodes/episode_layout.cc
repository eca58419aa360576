// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_layout.h"

#include <array>
#include <string>

#include "base/check.h"
#include "mdp/action.h"

namespace qt::episodes {
namespace {

// Definitions in ROS 2 .msg syntax. Fields are only ever appended.
constexpr char kEpisodeText[] = R"(# The start of one grasp attempt.
builtin_interfaces/Time stamp
string episode_id
string run_id
uint32 index
string task
string env
string env_config
uint64 seed
string policy
string policy_digest
float32 exploration
string tool
)";

std::string StepText() {
  return R"(# One action and the state before it. stamp equals that of its image.
builtin_interfaces/Time stamp
string episode_id
uint32 index
# commanded: 1 open, 0 closed
float32 gripper_opening
# m above the bin floor
float32 gripper_height
# x y z (m), quaternion x y z w
float32[7] tool_pose
# dx dy dz (m), sin and cos of the yaw change, open, close, terminate
float32[)" +
         std::to_string(kActionNumbers) + R"(] action
float32 q_value
# 0 unknown, 1 greedy, 2 noise, 3 scripted, 4 random, 5 human
uint8 action_source
bool is_first
bool is_last
bool is_terminal
# m between the pads
float32 measured_opening
# rad
float32 gripper_yaw
)";
}

constexpr char kOutcomeText[] = R"(# The end of the recorded part.
builtin_interfaces/Time stamp
string episode_id
uint32 steps
# 0 unknown, 1 terminated, 2 rule, 3 limit, 4 aborted
uint8 end_reason
float32 final_opening
uint64 content_hash
# m, rad, m
float32 final_height
float32 final_x
float32 final_y
float32 final_yaw
float32 final_measured_opening
)";

constexpr char kLabelText[] = R"(# A judgement of the attempt.
builtin_interfaces/Time stamp
string episode_id
uint32 revision
string source
string config
uint64 content_hash
bool success
float32 confidence
# one per step
float32[] reward
)";

constexpr char kCompressedImageText[] = R"(std_msgs/Header header
string format
uint8[] data
)";

constexpr char kImageText[] = R"(std_msgs/Header header
uint32 height
uint32 width
string encoding
uint8 is_bigendian
uint32 step
uint8[] data
)";

constexpr char kCameraInfoText[] = R"(std_msgs/Header header
uint32 height
uint32 width
string distortion_model
float64[] d
float64[9] k
float64[9] r
float64[12] p
uint32 binning_x
uint32 binning_y
sensor_msgs/RegionOfInterest roi
)";

constexpr char kTfMessageText[] = "geometry_msgs/TransformStamped[] transforms\n";

struct Dependency {
  const char* name;
  const char* text;
};
constexpr Dependency kTime = {"builtin_interfaces/Time", "int32 sec\nuint32 nanosec\n"};
constexpr Dependency kHeader = {"std_msgs/Header",
                                "builtin_interfaces/Time stamp\nstring frame_id\n"};
constexpr Dependency kRoi = {
    "sensor_msgs/RegionOfInterest",
    "uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify\n"};
constexpr Dependency kTransformStamped = {
    "geometry_msgs/TransformStamped",
    "std_msgs/Header header\nstring child_frame_id\ngeometry_msgs/Transform transform\n"};
constexpr Dependency kTransform = {
    "geometry_msgs/Transform",
    "geometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation\n"};
constexpr Dependency kVector3 = {"geometry_msgs/Vector3", "float64 x\nfloat64 y\nfloat64 z\n"};
constexpr Dependency kQuaternion = {"geometry_msgs/Quaternion",
                                    "float64 x 0\nfloat64 y 0\nfloat64 z 0\nfloat64 w 1\n"};

// The definition followed by everything it needs, as the encoding "ros2msg" wants it.
std::string WithDependencies(const std::string& text,
                             std::initializer_list<Dependency> dependencies) {
  std::string full = text;
  for (const Dependency& dependency : dependencies) {
    full += std::string(80, '=') + "\nMSG: " + dependency.name + "\n" + dependency.text;
  }
  return full;
}

// Index + 1 is the schema's id.
const std::array<mcap::Schema, 8>& Schemas() {
  static const auto make = [](uint16_t id, const char* name, std::string text) {
    return mcap::Schema{id, name, "ros2msg", std::move(text)};
  };
  static const std::array<mcap::Schema, 8> kSchemas = {
      make(1, "qt_msgs/msg/Episode", WithDependencies(kEpisodeText, {kTime})),
      make(2, "sensor_msgs/msg/CompressedImage",
           WithDependencies(kCompressedImageText, {kHeader, kTime})),
      make(3, "qt_msgs/msg/Step", WithDependencies(StepText(), {kTime})),
      make(4, "qt_msgs/msg/Outcome", WithDependencies(kOutcomeText, {kTime})),
      make(5, "qt_msgs/msg/Label", WithDependencies(kLabelText, {kTime})),
      make(6, "sensor_msgs/msg/CameraInfo",
           WithDependencies(kCameraInfoText, {kHeader, kTime, kRoi})),
      make(7, "tf2_msgs/msg/TFMessage",
           WithDependencies(kTfMessageText, {kTransformStamped, kHeader, kTime, kTransform,
                                             kVector3, kQuaternion})),
      make(8, "sensor_msgs/msg/Image", WithDependencies(kImageText, {kHeader, kTime})),
  };
  return kSchemas;
}

constexpr std::array<TopicSpec, 11> kTopics = {{
    {Topic::kEpisode, 1, kEpisodeTopicName},
    {Topic::kImage, 2, "/camera/image/compressed"},
    {Topic::kStep, 3, "/qt/step"},
    {Topic::kCheck, 2, "/camera/check/compressed"},
    {Topic::kOutcome, 4, "/qt/outcome"},
    {Topic::kLabel, 5, "/qt/label"},
    {Topic::kCameraInfo, 6, "/camera/camera_info"},
    {Topic::kTfStatic, 7, "/tf_static"},
    {Topic::kTf, 7, "/tf"},
    {Topic::kRawImage, 8, "/camera/image"},
    {Topic::kRawCheck, 8, "/camera/check"},
}};

const TopicSpec& SpecOf(Topic topic) {
  QT_CHECK(topic != Topic::kOther);
  return kTopics.at(static_cast<size_t>(topic) - 1);
}

}  // namespace

std::span<const TopicSpec> AllTopics() { return kTopics; }

mcap::Channel ChannelFor(Topic topic) {
  const TopicSpec& spec = SpecOf(topic);
  return {static_cast<uint16_t>(topic),
          spec.schema_id,
          spec.name,
          "cdr",
          {{"offered_qos_profiles", ""}}};
}

mcap::Schema SchemaFor(Topic topic) { return Schemas().at(SpecOf(topic).schema_id - 1u); }

Topic TopicOf(const mcap::Channel& channel, const mcap::Schema& schema) {
  if (channel.message_encoding != "cdr") return Topic::kOther;
  for (const TopicSpec& spec : kTopics) {
    if (channel.topic == spec.name && schema.name == Schemas()[spec.schema_id - 1u].name) {
      return spec.topic;
    }
  }
  return Topic::kOther;
}

}  // namespace qt::episodes
