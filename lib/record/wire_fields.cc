#include "record/wire_fields.h"

#include <cmath>

#include "record/wire.h"

namespace qt::record {
namespace {

constexpr double kMaxFocal_px = 1e6;

std::optional<uint64_t> ParseDigits(const std::string& text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

// The image bytes: beside the JSON in binary framing, in it in NDJSON.
Bytes TakeImageBytes(const Fields& fields, Frame& frame, const WireLimits& limits) {
  if (!fields.Has("data")) {
    const uint64_t bytes = fields.Unsigned("bytes", limits.max_image_bytes);
    if (bytes != frame.image.size()) fields.Fail("bytes", "is not what the frame holds");
    return std::move(frame.image);
  }
  const Json& data = fields.Get("data");
  if (!data.is_string()) {
    fields.Fail("data", "must be base64 text");
    return {};
  }
  Result<Bytes> bytes = DecodeBase64(data.get_ref<const std::string&>());
  if (!bytes.ok()) fields.Fail("data", "is malformed: " + bytes.status().message());
  return bytes.ok() ? std::move(*bytes) : Bytes();
}

}  // namespace

Fields::Fields(const Json& json, std::string prefix, std::string* error)
    : json_(json), prefix_(std::move(prefix)), error_(error) {
  if (!json_.is_object()) Fail("", "must be an object");
}

const Json& Fields::Get(const char* key) const {
  static const Json kNull;
  if (Has(key)) return json_[key];
  Fail(key, "is missing");
  return kNull;
}

double Fields::Number(const char* key, double min, double max) const {
  return CheckNumber(key, Get(key), min, max);
}

uint64_t Fields::Unsigned(const char* key, uint64_t max) const {
  const Json& value = Get(key);
  std::optional<uint64_t> number;
  if (value.is_number_unsigned()) number = value.get<uint64_t>();
  if (value.is_string()) number = ParseDigits(value.get_ref<const std::string&>());
  if (number && *number <= max) return *number;
  Fail(key, "must be an integer from 0 to " + std::to_string(max));
  return 0;
}

int Fields::Integer(const char* key, int min, int max) const {
  const Json& value = Get(key);
  if (value.is_number_integer() && value >= min && value <= max) return value.get<int>();
  Fail(key, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return min;
}

std::string Fields::Text(const char* key, size_t max_length) const {
  const Json& value = Get(key);
  if (value.is_string() && value.get_ref<const std::string&>().size() <= max_length) {
    return value.get<std::string>();
  }
  Fail(key, "must be a string of at most " + std::to_string(max_length) + " bytes");
  return "";
}

bool Fields::Bool(const char* key) const {
  if (Get(key).is_boolean()) return Get(key).get<bool>();
  Fail(key, "must be true or false");
  return false;
}

void Fields::Fail(const std::string& key, const std::string& what) const {
  if (!error_->empty()) return;
  std::string name = prefix_ + key;
  if (name.ends_with('.')) name.pop_back();
  *error_ = "'" + name + "' " + what;
}

double Fields::CheckNumber(const char* key, const Json& value, double min, double max) const {
  if (value.is_number() && value >= min && value <= max) return value.get<double>();
  Fail(key, "must be a number from " + Json(min).dump() + " to " + Json(max).dump());
  return min;
}

GripperState ReadGripper(const Fields& fields) {
  const auto length = [&fields](const char* key) {
    return static_cast<float>(fields.Number(key, -kMaxLength_m, kMaxLength_m));
  };
  GripperState gripper;
  gripper.opening = static_cast<float>(fields.Number("opening", 0, 1));
  gripper.height_m = length("height_m");
  gripper.x_m = length("x_m");
  gripper.y_m = length("y_m");
  gripper.yaw_rad = static_cast<float>(fields.Number("yaw_rad", -100, 100));
  gripper.measured_opening_m = length("measured_opening_m");
  return gripper;
}

Json ToJson(const GripperState& gripper) {
  return {{"opening", gripper.opening}, {"height_m", gripper.height_m},
          {"x_m", gripper.x_m},         {"y_m", gripper.y_m},
          {"yaw_rad", gripper.yaw_rad}, {"measured_opening_m", gripper.measured_opening_m}};
}

CameraModel ReadCamera(const Fields& fields) {
  CameraModel camera;
  camera.width_px = fields.Integer("width_px", 1, kMaxWireImageSide_px);
  camera.height_px = fields.Integer("height_px", 1, kMaxWireImageSide_px);
  camera.fx_px = fields.Number("fx_px", 1e-3, kMaxFocal_px);
  camera.fy_px = fields.Number("fy_px", 1e-3, kMaxFocal_px);
  camera.cx_px = fields.Number("cx_px", -kMaxFocal_px, kMaxFocal_px);
  camera.cy_px = fields.Number("cy_px", -kMaxFocal_px, kMaxFocal_px);
  camera.X_WC.p_m = fields.Numbers<3>("p_WC_m", -kMaxLength_m, kMaxLength_m);
  const auto q = fields.Numbers<4>("q_WC_wxyz", -1.01, 1.01);
  camera.X_WC.q = {q[0], q[1], q[2], q[3]};
  const double norm = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (std::abs(norm - 1) > 1e-3) fields.Fail("q_WC_wxyz", "must be a unit quaternion, w first");
  return camera;
}

Json ToJson(const CameraModel& camera) {
  const Quaternion& q = camera.X_WC.q;
  return {{"width_px", camera.width_px}, {"height_px", camera.height_px},
          {"fx_px", camera.fx_px},       {"fy_px", camera.fy_px},
          {"cx_px", camera.cx_px},       {"cy_px", camera.cy_px},
          {"p_WC_m", camera.X_WC.p_m},   {"q_WC_wxyz", {q.w, q.x, q.y, q.z}}};
}

EncodedImage ReadImage(const Fields& fields, Frame& frame, const WireLimits& limits) {
  EncodedImage image;
  image.width_px = fields.Integer("width_px", 1, kMaxWireImageSide_px);
  image.height_px = fields.Integer("height_px", 1, kMaxWireImageSide_px);
  const std::string encoding = fields.Text("encoding", kMaxName);
  if (encoding != "jpeg" && encoding != "rgb8") fields.Fail("encoding", "must be jpeg or rgb8");
  image.encoding = encoding == "rgb8" ? ImageEncoding::kRgb8 : ImageEncoding::kJpeg;
  image.bytes = TakeImageBytes(fields, frame, limits);
  const size_t raw_bytes =
      size_t{3} * static_cast<size_t>(image.width_px) * static_cast<size_t>(image.height_px);
  if (image.bytes.empty() || image.bytes.size() > limits.max_image_bytes) {
    fields.Fail("", "holds no image, or one that is too long");
  }
  if (image.encoding == ImageEncoding::kRgb8 && image.bytes.size() != raw_bytes) {
    fields.Fail("", "must hold 3 * width_px * height_px bytes in rgb8");
  }
  return image;
}

Json ImageHeader(const EncodedImage& image) {
  return {{"encoding", image.encoding == ImageEncoding::kRgb8 ? "rgb8" : "jpeg"},
          {"width_px", image.width_px},
          {"height_px", image.height_px}};
}

}  // namespace qt::record
