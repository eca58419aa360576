// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/number_text.h"
#include "base/setting.h"
#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::episodes {
namespace {

// The shortest decimal number that gives the same float again.
Json Number(float value) {
  if (!std::isfinite(value)) return nullptr;
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  double number = 0;
  std::from_chars(text, end, number);
  return number;
}

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Settings are stored as JSON text; what is not JSON stays text.
Json ParsedConfig(const std::string& text) {
  Result<Json> json = json::Parse(text);
  return json.ok() ? *std::move(json) : Json(text);
}

Json CameraToJson(const CameraModel& camera) {
  const Pose& pose = camera.X_WC;
  Json json = {{"width_px", camera.width_px}, {"height_px", camera.height_px}};
  json["fx_px"] = Number(camera.fx_px);
  json["fy_px"] = Number(camera.fy_px);
  json["cx_px"] = Number(camera.cx_px);
  json["cy_px"] = Number(camera.cy_px);
  json["position_m"] = {Number(pose.p_m[0]), Number(pose.p_m[1]), Number(pose.p_m[2])};
  json["orientation_wxyz"] = {Number(pose.q.w), Number(pose.q.x), Number(pose.q.y),
                              Number(pose.q.z)};
  return json;
}

Json GripperToJson(const GripperState& gripper) {
  return {{"opening", Number(gripper.opening)},
          {"height_m", Number(gripper.height_m)},
          {"x_m", Number(gripper.x_m)},
          {"y_m", Number(gripper.y_m)},
          {"yaw_rad", Number(gripper.yaw_rad)},
          {"measured_opening_m", Number(gripper.measured_opening_m)}};
}

Json ActionToJson(const Action& action) {
  Json json;
  const ActionNumbers values = action.ToArray();
  for (size_t i = 0; i < values.size(); ++i) json[kActionNames[i]] = Number(values[i]);
  return json;
}

Json ImageToJson(const EncodedImage& image, std::span<const NamedImage> images) {
  Json json = {{"encoding", EnumName(image.encoding)},
               {"width_px", image.width_px},
               {"height_px", image.height_px},
               {"bytes", image.bytes.size()}};
  const auto named = std::find_if(images.begin(), images.end(),
                                  [&](const NamedImage& n) { return n.image == &image; });
  if (named != images.end()) json["file"] = named->file;
  return json;
}

Json StepToJson(const Step& step, const Json& episode_camera, std::span<const NamedImage> images) {
  Json json = {{"index", step.observation.step},
               {"stamp_ns", step.stamp_ns},
               {"gripper", GripperToJson(step.observation.gripper)},
               {"action", ActionToJson(step.action)},
               {"q_value", Number(step.q_value)},
               {"source", ToString(step.source)},
               {"is_terminal", step.is_terminal},
               {"image", ImageToJson(step.observation.image, images)}};
  Json camera = CameraToJson(step.observation.camera);
  if (camera != episode_camera) json["camera"] = std::move(camera);
  return json;
}

Json LabelToJson(const Label& label) {
  Json json = {{"revision", label.revision},
               {"source", label.source},
               {"config", ParsedConfig(label.config)},
               {"content_hash", HexText(label.content_hash)},
               {"success", label.success},
               {"confidence", Number(label.confidence)},
               {"reward", Json::array()}};
  for (float reward : label.reward) json["reward"].push_back(Number(reward));
  return json;
}

const char* Extension(const EncodedImage& image) {
  return image.encoding == ImageEncoding::kJpeg ? ".jpg" : ".ppm";
}

// A name from a file may not lead out of the folder.
std::string SafeName(const std::string& name) {
  std::string safe;
  for (char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    safe += plain || c == '_' ? c : '-';
  }
  return safe.substr(0, 64);
}

std::string Padded(uint64_t number, int width) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llu", width, static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

std::vector<NamedImage> NameImages(const Episode& episode, uint64_t number) {
  std::vector<NamedImage> named;
  const std::string prefix = Padded(number, 6) + "-";
  for (size_t i = 0; i < episode.steps.size(); ++i) {
    const EncodedImage& image = episode.steps[i].observation.image;
    named.push_back({prefix + Padded(i, 3) + Extension(image), &image});
  }
  for (const EvidenceFrame& frame : episode.evidence) {
    named.push_back({prefix + SafeName(frame.name) + Extension(frame.image), &frame.image});
  }
  return named;
}

Bytes ImageFileContents(const EncodedImage& image) {
  if (image.encoding == ImageEncoding::kJpeg) return image.bytes.ToBytes();
  const std::string head =
      "P6\n" + std::to_string(image.width_px) + " " + std::to_string(image.height_px) + "\n255\n";
  Bytes contents(head.begin(), head.end());
  contents.insert(contents.end(), image.bytes.begin(), image.bytes.end());
  return contents;
}

Json EpisodeToJson(const Episode& episode, std::span<const NamedImage> images) {
  Json json = {{"id", episode.id},
               {"run_id", episode.run_id},
               {"index", episode.index},
               {"task", episode.task},
               {"env", episode.env},
               {"env_config", ParsedConfig(episode.env_config)},
               {"seed", std::to_string(episode.seed)},
               {"policy", episode.policy},
               {"policy_digest", episode.policy_digest},
               {"exploration", Number(episode.exploration)},
               {"tool", episode.tool},
               {"stamp_ns", episode.stamp_ns},
               {"end_reason", ToString(episode.end_reason)},
               {"content_hash", HexText(episode.content_hash)},
               {"camera", CameraToJson(episode.camera)},
               {"final_gripper", GripperToJson(episode.final_gripper)}};
  json["steps"] = Json::array();
  for (const Step& step : episode.steps) {
    json["steps"].push_back(StepToJson(step, json["camera"], images));
  }
  json["evidence"] = Json::array();
  for (const EvidenceFrame& frame : episode.evidence) {
    json["evidence"].push_back({{"name", frame.name},
                                {"stamp_ns", frame.stamp_ns},
                                {"image", ImageToJson(frame.image, images)}});
  }
  json["labels"] = Json::array();
  for (const Label& label : episode.labels) json["labels"].push_back(LabelToJson(label));
  return json;
}

}  // namespace qt::episodes
