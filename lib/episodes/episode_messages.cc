// SPDX-License-Identifier: Apache-2.0
#include "episodes/episode_messages.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "episodes/cdr.h"

namespace qt::episodes {
namespace {

constexpr float kUnknownNumber = std::numeric_limits<float>::quiet_NaN();

Status StatusOf(const CdrReader& cdr, const char* message) {
  if (cdr.error().empty()) return Ok();
  return Corrupt(std::string(message) + ": " + std::string(cdr.error()));
}

// A number that this version does not know becomes kUnknownNumber, so that newer files stay
// readable.
template <typename Enum>
Enum ToEnum(uint8_t value, Enum last) {
  return value <= static_cast<uint8_t>(last) ? static_cast<Enum>(value) : Enum{};
}

// The gripper as a ROS pose: position, and the yaw as a rotation about z.
std::array<float, 7> ToolPose(const GripperState& gripper) {
  return {gripper.x_m,
          gripper.y_m,
          gripper.height_m,
          0,
          0,
          std::sin(gripper.yaw_rad / 2),
          std::cos(gripper.yaw_rad / 2)};
}

float YawOf(const std::array<float, 7>& pose) { return 2 * std::atan2(pose[5], pose[6]); }

void PutHeader(CdrWriter* cdr, int64_t stamp_ns, std::string_view frame_id) {
  cdr->PutTime(stamp_ns);
  cdr->Put(frame_id);
}

int ReadSide(CdrReader* cdr) {
  const auto side = cdr->Get<uint32_t>();
  return side <= static_cast<uint32_t>(kMaxImageSide_px) ? static_cast<int>(side) : -1;
}

}  // namespace

bool ReadJpegSize(ByteSpan jpeg, int* width_px, int* height_px) {
  if (jpeg.size() < 2 || jpeg[0] != 0xFF || jpeg[1] != 0xD8) return false;
  size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF) {
    const uint8_t marker = jpeg[at + 1];
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    const size_t length = size_t{jpeg[at + 2]} << 8 | jpeg[at + 3];
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame && at + 9 <= jpeg.size()) {
      *height_px = jpeg[at + 5] << 8 | jpeg[at + 6];
      *width_px = jpeg[at + 7] << 8 | jpeg[at + 8];
      return true;
    }
    if (length < 2) return false;
    at += 2 + length;
  }
  return false;
}

namespace {

Status CheckSides(int width_px, int height_px) {
  if (width_px >= 0 && width_px <= kMaxImageSide_px && height_px >= 0 &&
      height_px <= kMaxImageSide_px) {
    return Ok();
  }
  return Corrupt("a picture is wider or higher than " + std::to_string(kMaxImageSide_px) +
                 " pixels");
}

// Text that may come from a command line or another program. Ids and names of pictures do not go
// through here: messages find each other by them.
void PutText(const std::string& text, CdrWriter* cdr) {
  cdr->Put(std::string_view(ValidUtf8(text)));
}

void EncodeRawImageHead(const EncodedImage& image, CdrWriter* cdr) {
  QT_CHECK(image.bytes.size() == RgbBytes(image.width_px, image.height_px), "width", image.width_px,
           "height", image.height_px, "bytes", image.bytes.size());
  cdr->Put(static_cast<uint32_t>(image.height_px));
  cdr->Put(static_cast<uint32_t>(image.width_px));
  cdr->Put(std::string_view("rgb8"));
  cdr->Put(uint8_t{0});
  cdr->Put(static_cast<uint32_t>(RgbBytes(image.width_px, 1)));
}

// Bytes of a pixel, and where red, green and blue are among them.
struct PixelFormat {
  const char* name;
  size_t bytes, r, g, b;
};

std::optional<PixelFormat> FindPixelFormat(const std::string& name) {
  static constexpr PixelFormat kFormats[] = {{"rgb8", 3, 0, 1, 2},
                                             {"bgr8", 3, 2, 1, 0},
                                             {"rgba8", 4, 0, 1, 2},
                                             {"bgra8", 4, 2, 1, 0},
                                             {"mono8", 1, 0, 0, 0}};
  for (const PixelFormat& format : kFormats) {
    if (name == format.name) return format;
  }
  return std::nullopt;
}

// Bytes of a message: shared, or a copy.
SharedBytes Hold(ByteSpan bytes, const SharedBytes& within) {
  return within.empty() ? SharedBytes(Bytes(bytes.begin(), bytes.end())) : within.Part(bytes);
}

bool IsPlainRgb(const PixelFormat& format, size_t row_bytes, size_t width) {
  return format.bytes == kRgbChannels && format.r == 0 && row_bytes == kRgbChannels * width;
}

Bytes ToRgb(ByteSpan bytes, const PixelFormat& format, size_t row_bytes, size_t width,
            size_t height) {
  Bytes rgb;
  rgb.reserve(kRgbChannels * width * height);
  for (size_t y = 0; y < height; ++y) {
    const uint8_t* pixel = bytes.data() + y * row_bytes;
    for (size_t x = 0; x < width; ++x, pixel += format.bytes) {
      rgb.insert(rgb.end(), {pixel[format.r], pixel[format.g], pixel[format.b]});
    }
  }
  return rgb;
}

}  // namespace

void EncodeEpisode(const Episode& episode, Bytes* out) {
  CdrWriter cdr(out);
  cdr.PutTime(episode.stamp_ns);
  cdr.Put(std::string_view(episode.id));
  PutText(episode.run_id, &cdr);
  cdr.Put(episode.index);
  PutText(episode.task, &cdr);
  PutText(episode.env, &cdr);
  PutText(episode.env_config, &cdr);
  cdr.Put(episode.seed);
  PutText(episode.policy, &cdr);
  PutText(episode.policy_digest, &cdr);
  cdr.Put(episode.exploration);
  PutText(episode.tool, &cdr);
}

Result<Episode> DecodeEpisode(ByteSpan body) {
  CdrReader cdr(body);
  Episode episode;
  episode.stamp_ns = cdr.GetTime();
  episode.id = cdr.GetString();
  episode.run_id = cdr.GetString();
  episode.index = cdr.Get<uint32_t>();
  episode.task = cdr.GetString();
  episode.env = cdr.GetString();
  episode.env_config = cdr.GetString();
  episode.seed = cdr.Get<uint64_t>();
  episode.policy = cdr.GetString();
  episode.policy_digest = cdr.GetString();
  episode.exploration = cdr.Get<float>();
  episode.tool = cdr.GetString();
  QT_TRY(StatusOf(cdr, "Episode"));
  return episode;
}

void EncodeStep(std::string_view episode_id, const Step& step, bool is_first, bool is_last,
                Bytes* out) {
  const GripperState& gripper = step.observation.gripper;
  CdrWriter cdr(out);
  cdr.PutTime(step.stamp_ns);
  cdr.Put(episode_id);
  cdr.Put(step.observation.step);
  cdr.Put(gripper.opening);
  cdr.Put(gripper.height_m);
  cdr.PutAll<float>(ToolPose(gripper));
  cdr.PutAll<float>(step.action.ToArray());
  cdr.Put(step.q_value);
  cdr.Put(static_cast<uint8_t>(step.source));
  cdr.Put(static_cast<uint8_t>(is_first));
  cdr.Put(static_cast<uint8_t>(is_last));
  cdr.Put(static_cast<uint8_t>(step.is_terminal));
  cdr.Put(gripper.measured_opening_m);
  cdr.Put(gripper.yaw_rad);
}

Result<StepMessage> DecodeStep(ByteSpan body) {
  CdrReader cdr(body);
  StepMessage message;
  Step& step = message.step;
  GripperState& gripper = step.observation.gripper;
  step.stamp_ns = cdr.GetTime();
  message.episode_id = cdr.GetText();
  step.observation.step = cdr.Get<uint32_t>();
  gripper.opening = cdr.Get<float>();
  gripper.height_m = cdr.Get<float>();
  std::array<float, 7> pose;
  cdr.GetAll(&pose);
  gripper.x_m = pose[0];
  gripper.y_m = pose[1];
  ActionNumbers action;
  cdr.GetAll(&action);
  step.action = Action::FromArray(action);
  step.q_value = cdr.Get<float>();
  step.source = ToEnum(cdr.Get<uint8_t>(), ActionSource::kHuman);
  cdr.GetBool();  // is_first and is_last follow from the order
  cdr.GetBool();
  step.is_terminal = cdr.GetBool();
  gripper.measured_opening_m = cdr.GetOr(kUnknownNumber);
  gripper.yaw_rad = cdr.Ends<float>() ? YawOf(pose) : cdr.Get<float>();
  QT_TRY(StatusOf(cdr, "Step"));
  return message;
}

void EncodeOutcome(const Episode& episode, int64_t stamp_ns, uint64_t content_hash, Bytes* out) {
  const GripperState& gripper = episode.final_gripper;
  CdrWriter cdr(out);
  cdr.PutTime(stamp_ns);
  cdr.Put(std::string_view(episode.id));
  cdr.PutCount(episode.steps.size());
  cdr.Put(static_cast<uint8_t>(episode.end_reason));
  cdr.Put(gripper.opening);
  cdr.Put(content_hash);
  for (float value :
       {gripper.height_m, gripper.x_m, gripper.y_m, gripper.yaw_rad, gripper.measured_opening_m}) {
    cdr.Put(value);
  }
}

Result<OutcomeMessage> DecodeOutcome(ByteSpan body) {
  CdrReader cdr(body);
  OutcomeMessage message;
  message.stamp_ns = cdr.GetTime();
  message.episode_id = cdr.GetString();
  message.steps = cdr.Get<uint32_t>();
  message.end_reason = ToEnum(cdr.Get<uint8_t>(), EndReason::kAborted);
  GripperState& gripper = message.final_gripper;
  gripper.opening = cdr.Get<float>();
  message.content_hash = cdr.Get<uint64_t>();
  for (float* value : {&gripper.height_m, &gripper.x_m, &gripper.y_m, &gripper.yaw_rad,
                       &gripper.measured_opening_m}) {
    *value = cdr.GetOr(kUnknownNumber);
  }
  QT_TRY(StatusOf(cdr, "Outcome"));
  return message;
}

void EncodeLabel(const std::string& episode_id, const Label& label, uint64_t content_hash,
                 int64_t stamp_ns, Bytes* out) {
  CdrWriter cdr(out);
  cdr.PutTime(stamp_ns);
  cdr.Put(std::string_view(episode_id));
  cdr.Put(label.revision);
  PutText(label.source, &cdr);
  PutText(label.config, &cdr);
  cdr.Put(label.content_hash != 0 ? label.content_hash : content_hash);
  cdr.Put(static_cast<uint8_t>(label.success));
  cdr.Put(label.confidence);
  cdr.PutCount(label.reward.size());
  cdr.PutAll<float>(label.reward);
}

Result<LabelMessage> DecodeLabel(ByteSpan body) {
  CdrReader cdr(body);
  LabelMessage message;
  Label& label = message.label;
  cdr.GetTime();
  message.episode_id = cdr.GetString();
  label.revision = cdr.Get<uint32_t>();
  label.source = cdr.GetString();
  label.config = cdr.GetString();
  label.content_hash = cdr.Get<uint64_t>();
  label.success = cdr.GetBool();
  label.confidence = cdr.Get<float>();
  label.reward.resize(cdr.GetCount(sizeof(float)));
  for (float& reward : label.reward) reward = cdr.Get<float>();
  QT_TRY(StatusOf(cdr, "Label"));
  for (float reward : label.reward) {
    if (!std::isfinite(reward)) return Corrupt("Label: a reward is not finite");
  }
  return message;
}

void EncodeImageHead(const EncodedImage& image, int64_t stamp_ns, const std::string& frame_id,
                     Bytes* out) {
  CdrWriter cdr(out);
  PutHeader(&cdr, stamp_ns, frame_id);
  if (image.encoding == ImageEncoding::kRgb8) {
    EncodeRawImageHead(image, &cdr);
  } else {
    cdr.Put(std::string_view("jpeg"));
  }
  cdr.PutCount(image.bytes.size());
}

void EncodeImage(const EncodedImage& image, int64_t stamp_ns, const std::string& frame_id,
                 Bytes* out) {
  EncodeImageHead(image, stamp_ns, frame_id, out);
  out->insert(out->end(), image.bytes.begin(), image.bytes.end());
}

Result<ImageMessage> DecodeCompressedImage(ByteSpan body, const SharedBytes& within) {
  CdrReader cdr(body);
  ImageMessage message;
  message.stamp_ns = cdr.GetTime();
  message.frame_id = cdr.GetString();
  const std::string_view format = cdr.GetText();
  const ByteSpan bytes = cdr.GetBytes();
  QT_TRY(StatusOf(cdr, "CompressedImage"));
  // The bytes tell; of ours the label does, too.
  const bool is_jpeg = bytes.size() > 2 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
  if (!is_jpeg && format.find("jpeg") == std::string::npos) {
    return Corrupt("CompressedImage: the format \"" + std::string(format) + "\" is not JPEG");
  }
  EncodedImage& image = message.image;
  image.encoding = ImageEncoding::kJpeg;
  ReadJpegSize(bytes, &image.width_px, &image.height_px);
  QT_TRY(CheckSides(image.width_px, image.height_px));
  image.bytes = Hold(bytes, within);
  return message;
}

Result<ImageMessage> DecodeRawImage(ByteSpan body, const SharedBytes& within) {
  CdrReader cdr(body);
  ImageMessage message;
  EncodedImage& image = message.image;
  message.stamp_ns = cdr.GetTime();
  message.frame_id = cdr.GetString();
  image.encoding = ImageEncoding::kRgb8;
  image.height_px = ReadSide(&cdr);
  image.width_px = ReadSide(&cdr);
  const std::string encoding = cdr.GetString();
  cdr.Get<uint8_t>();  // is_bigendian: of no meaning for bytes
  const size_t row_bytes = cdr.Get<uint32_t>();
  const ByteSpan bytes = cdr.GetBytes();
  QT_TRY(StatusOf(cdr, "Image"));
  QT_TRY(CheckSides(image.width_px, image.height_px));
  const std::optional<PixelFormat> format = FindPixelFormat(encoding);
  if (!format) {
    return Corrupt("Image: the encoding \"" + encoding +
                   "\" is none of rgb8, bgr8, rgba8, bgra8, mono8");
  }
  const auto width = static_cast<size_t>(image.width_px);
  const auto height = static_cast<size_t>(image.height_px);
  if (row_bytes < format->bytes * width || bytes.size() != row_bytes * height) {
    return Corrupt("Image: the number of bytes does not fit width and height");
  }
  image.bytes = IsPlainRgb(*format, row_bytes, width)
                    ? Hold(bytes, within)
                    : SharedBytes(ToRgb(bytes, *format, row_bytes, width, height));
  return message;
}

void EncodeCameraInfo(const CameraModel& camera, int64_t stamp_ns, Bytes* out) {
  const double fx = camera.fx_px, fy = camera.fy_px, cx = camera.cx_px, cy = camera.cy_px;
  CdrWriter cdr(out);
  PutHeader(&cdr, stamp_ns, kCameraFrame);
  cdr.Put(static_cast<uint32_t>(camera.height_px));
  cdr.Put(static_cast<uint32_t>(camera.width_px));
  cdr.Put(std::string_view("plumb_bob"));
  cdr.PutCount(5);
  cdr.PutAll<double>(std::array<double, 5>{});  // d: no distortion
  cdr.PutAll<double>(std::array<double, 9>{fx, 0, cx, 0, fy, cy, 0, 0, 1});
  cdr.PutAll<double>(std::array<double, 9>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  cdr.PutAll<double>(std::array<double, 12>{fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1, 0});
  for (int i = 0; i < 2 + 4; ++i) cdr.Put(uint32_t{0});  // binning; region of interest: all of it
  cdr.Put(uint8_t{0});
}

Status DecodeCameraInfo(ByteSpan body, CameraModel* camera) {
  CdrReader cdr(body);
  cdr.GetTime();
  cdr.GetText();  // frame_id
  const int height_px = ReadSide(&cdr);
  const int width_px = ReadSide(&cdr);
  cdr.GetText();  // distortion_model
  const size_t num_distortion = cdr.GetCount(sizeof(double));
  for (size_t i = 0; i < num_distortion; ++i) cdr.Get<double>();
  std::array<double, 9> k;
  cdr.GetAll(&k);
  QT_TRY(StatusOf(cdr, "CameraInfo"));
  QT_TRY(CheckSides(width_px, height_px));
  *camera = {width_px, height_px, k[0], k[4], k[2], k[5], camera->X_WC};
  return Ok();
}

void EncodeCameraPose(const Pose& X_WC, int64_t stamp_ns, Bytes* out) {
  CdrWriter cdr(out);
  cdr.PutCount(1);
  PutHeader(&cdr, stamp_ns, kWorldFrame);
  cdr.Put(std::string_view(kCameraFrame));
  cdr.PutAll<double>(X_WC.p_m);
  cdr.PutAll<double>(std::array<double, 4>{X_WC.q.x, X_WC.q.y, X_WC.q.z, X_WC.q.w});
}

Result<bool> DecodeCameraPose(ByteSpan body, Pose* X_WC) {
  CdrReader cdr(body);
  bool found = false;
  const size_t count = cdr.GetCount(sizeof(uint32_t));
  for (size_t i = 0; i < count && cdr.error().empty(); ++i) {
    cdr.GetTime();
    const std::string_view parent = cdr.GetText();
    const std::string_view child = cdr.GetText();
    std::array<double, 7> t;
    cdr.GetAll(&t);
    if (parent != kWorldFrame || child != kCameraFrame) continue;
    *X_WC = {{t[0], t[1], t[2]}, {t[6], t[3], t[4], t[5]}};
    found = true;
  }
  QT_TRY(StatusOf(cdr, "TFMessage"));
  return found;
}

}  // namespace qt::episodes
