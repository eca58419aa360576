#include "record/wire.h"

#include <array>
#include <cmath>
#include <utility>

#include "record/task_json.h"

namespace qt::record {
namespace {

constexpr double kMaxLength_m = 100;  // far outside any workspace
constexpr double kMaxFocal_px = 1e6;
constexpr uint64_t kMaxId = (uint64_t{1} << 53) - 1;  // exact in JavaScript
constexpr uint64_t kMaxStep = 1'000'000;
constexpr size_t kMaxName = 256;

constexpr std::array kErrorCodes = {
    WireErrorCode::kBadFrame, WireErrorCode::kBadRequest,  WireErrorCode::kUnsupportedProtocol,
    WireErrorCode::kBadImage, WireErrorCode::kNeedsCamera, WireErrorCode::kTooManySessions,
    WireErrorCode::kInternal};
constexpr std::array kSources = {ActionSource::kUnknown, ActionSource::kGreedy,
                                 ActionSource::kNoise,   ActionSource::kScripted,
                                 ActionSource::kRandom,  ActionSource::kHuman};

// Reads the fields of one JSON object. The first thing that is wrong is kept; what is read after
// that does not matter.
class Fields {
 public:
  Fields(const Json& json, std::string prefix, std::string* error)
      : json_(json), prefix_(std::move(prefix)), error_(error) {
    if (!json_.is_object()) Fail("", "must be an object");
  }

  bool Has(const char* key) const { return json_.is_object() && json_.contains(key); }

  const Json& Get(const char* key) const {
    static const Json kNull;
    if (Has(key)) return json_[key];
    Fail(key, "is missing");
    return kNull;
  }

  Fields Object(const char* key) const { return {Get(key), prefix_ + key + ".", error_}; }

  double Number(const char* key, double min, double max) const {
    return CheckNumber(key, Get(key), min, max);
  }

  // An unsigned integer; as a string of decimal digits too, for languages that have only doubles.
  uint64_t Unsigned(const char* key, uint64_t max) const {
    const Json& value = Get(key);
    std::optional<uint64_t> number;
    if (value.is_number_unsigned()) number = value.get<uint64_t>();
    if (value.is_string()) number = ParseDigits(value.get_ref<const std::string&>());
    if (number && *number <= max) return *number;
    Fail(key, "must be an integer from 0 to " + std::to_string(max));
    return 0;
  }

  int Integer(const char* key, int min, int max) const {
    const Json& value = Get(key);
    if (value.is_number_integer() && value >= min && value <= max) return value.get<int>();
    Fail(key, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
    return min;
  }

  std::string Text(const char* key, size_t max_length) const {
    const Json& value = Get(key);
    if (value.is_string() && value.get_ref<const std::string&>().size() <= max_length) {
      return value.get<std::string>();
    }
    Fail(key, "must be a string of at most " + std::to_string(max_length) + " bytes");
    return "";
  }

  bool Bool(const char* key) const {
    if (Get(key).is_boolean()) return Get(key).get<bool>();
    Fail(key, "must be true or false");
    return false;
  }

  template <size_t n>
  std::array<double, n> Numbers(const char* key, double min, double max) const {
    std::array<double, n> values = {};
    const Json& array = Get(key);
    if (!array.is_array() || array.size() != n) {
      Fail(key, "must be an array of " + std::to_string(n) + " numbers");
      return values;
    }
    for (size_t i = 0; i < n; ++i) values[i] = CheckNumber(key, array[i], min, max);
    return values;
  }

  void Fail(const std::string& key, const std::string& what) const {
    if (!error_->empty()) return;
    std::string name = prefix_ + key;
    if (name.ends_with('.')) name.pop_back();
    *error_ = "'" + name + "' " + what;
  }

 private:
  double CheckNumber(const char* key, const Json& value, double min, double max) const {
    if (value.is_number() && value >= min && value <= max) return value.get<double>();
    Fail(key, "must be a number from " + Json(min).dump() + " to " + Json(max).dump());
    return min;
  }

  static std::optional<uint64_t> ParseDigits(const std::string& text) {
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

  const Json& json_;
  std::string prefix_;
  std::string* error_;
};

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
  camera.width_px = fields.Integer("width_px", 1, kMaxImageSide_px);
  camera.height_px = fields.Integer("height_px", 1, kMaxImageSide_px);
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

EncodedImage ReadImage(const Fields& fields, Frame& frame, const WireLimits& limits) {
  EncodedImage image;
  image.width_px = fields.Integer("width_px", 1, kMaxImageSide_px);
  image.height_px = fields.Integer("height_px", 1, kMaxImageSide_px);
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

uint64_t ReadSession(const Fields& fields) {
  return fields.Has("session") ? fields.Unsigned("session", kMaxId) : 0;
}

ActRequest ReadAct(const Fields& fields, Frame& frame, const WireLimits& limits) {
  ActRequest request;
  request.id = fields.Unsigned("id", kMaxId);
  request.session = ReadSession(fields);
  request.seed = fields.Unsigned("seed", UINT64_MAX);
  Observation& observation = request.observation;
  observation.step = static_cast<uint32_t>(fields.Unsigned("step", kMaxStep));
  if (fields.Has("empty_close")) {
    observation.empty_close = static_cast<float>(fields.Number("empty_close", 0, 1));
  }
  observation.gripper = ReadGripper(fields.Object("gripper"));
  request.has_camera = fields.Has("camera");
  if (request.has_camera) observation.camera = ReadCamera(fields.Object("camera"));
  observation.image = ReadImage(fields.Object("image"), frame, limits);
  return request;
}

ClientHello ReadClientHello(const Fields& fields) {
  ClientHello hello;
  hello.protocol = fields.Integer("protocol", 0, 1'000'000);
  if (fields.Has("client")) hello.client = fields.Text("client", kMaxName);
  return hello;
}

// The id of a message that may be malformed in any other way.
std::optional<uint64_t> FindId(const Json& json) {
  std::string error;
  const Fields fields(json, "", &error);
  if (!fields.Has("id")) return std::nullopt;
  const uint64_t id = fields.Unsigned("id", kMaxId);
  return error.empty() ? std::optional(id) : std::nullopt;
}

Request ReadRequest(const Json& json, Frame& frame, const WireLimits& limits, std::string* error) {
  const Fields fields(json, "", error);
  const std::string type = fields.Text("type", kMaxName);
  if (type == "act") return ReadAct(fields, frame, limits);
  if (type == "hello") return ReadClientHello(fields);
  if (type == "end") return EndSession{fields.Unsigned("session", kMaxId)};
  fields.Fail("type", "must be hello, act or end");
  return WireError{};
}

ServerHello ReadServerHello(const Fields& fields, std::string* error) {
  ServerHello hello;
  hello.protocol = fields.Integer("protocol", 0, 1'000'000);
  hello.server = fields.Text("server", kMaxName);
  const Fields model = fields.Object("model");
  hello.model_name = model.Text("name", kMaxName);
  hello.digest = model.Text("digest", kMaxName);
  hello.model_step = model.Unsigned("step", UINT64_MAX);
  const Fields image = fields.Object("image");
  hello.image_width_px = image.Integer("width_px", 1, kMaxImageSide_px);
  hello.image_height_px = image.Integer("height_px", 1, kMaxImageSide_px);
  hello.needs_camera = fields.Bool("needs_camera");
  const Json& task_json = fields.Get("task");
  if (!task_json.is_object()) fields.Fail("task", "must be an object");
  if (!error->empty()) return hello;
  Result<TaskConfig> task = TaskFromJson(task_json);
  if (!task.ok()) fields.Fail("task", "is wrong: " + task.status().message());
  if (task.ok()) hello.task = *task;
  return hello;
}

ActionSource ParseSource(const std::string& text) {
  for (ActionSource source : kSources) {
    if (text == ToString(source)) return source;
  }
  return ActionSource::kUnknown;
}

float OptionalNumber(const Fields& fields, const char* key) {
  if (!fields.Has(key)) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(fields.Number(key, -1e30, 1e30));
}

ActAnswer ReadAnswer(const Fields& fields) {
  ActAnswer answer;
  answer.id = fields.Unsigned("id", kMaxId);
  const auto numbers = fields.Numbers<8>("action", -kMaxLength_m, kMaxLength_m);
  std::array<float, 8> action;
  for (size_t i = 0; i < 8; ++i) action[i] = static_cast<float>(numbers[i]);
  answer.action = Action::FromArray(action);
  answer.q_value = OptionalNumber(fields, "q_value");
  answer.spread = OptionalNumber(fields, "spread");
  if (fields.Has("source")) answer.source = ParseSource(fields.Text("source", kMaxName));
  if (fields.Has("digest")) answer.digest = fields.Text("digest", kMaxName);
  if (fields.Has("compute_ms")) answer.compute_ms = fields.Number("compute_ms", 0, 1e12);
  return answer;
}

WireError ReadError(const Fields& fields, const Json& json) {
  WireError wire_error;
  wire_error.id = FindId(json);
  const Fields inner = fields.Object("error");
  const std::string code = inner.Text("code", kMaxName);
  wire_error.message = inner.Text("message", 64 << 10);
  for (WireErrorCode known : kErrorCodes) {
    if (code == ToString(known)) wire_error.code = known;
  }
  return wire_error;
}

}  // namespace

const char* ToString(WireErrorCode code) {
  switch (code) {
    case WireErrorCode::kBadFrame:
      return "bad_frame";
    case WireErrorCode::kBadRequest:
      return "bad_request";
    case WireErrorCode::kUnsupportedProtocol:
      return "unsupported_protocol";
    case WireErrorCode::kBadImage:
      return "bad_image";
    case WireErrorCode::kNeedsCamera:
      return "needs_camera";
    case WireErrorCode::kTooManySessions:
      return "too_many_sessions";
    case WireErrorCode::kInternal:
      break;
  }
  return "internal";
}

Request DecodeRequest(Frame frame, const WireLimits& limits) {
  const Result<Json> json = ParseSmallObject(frame.json);
  if (!json.ok()) {
    return WireError{std::nullopt, WireErrorCode::kBadRequest, json.status().message()};
  }
  std::string error;
  Request request = ReadRequest(*json, frame, limits, &error);
  if (!error.empty()) return WireError{FindId(*json), WireErrorCode::kBadRequest, error};
  return request;
}

Result<Reply> DecodeReply(const Frame& frame) {
  QT_ASSIGN(const Json json, ParseSmallObject(frame.json));
  std::string error;
  const Fields fields(json, "", &error);
  const std::string type = fields.Text("type", kMaxName);
  Reply reply;
  if (type == "action") {
    reply = ReadAnswer(fields);
  } else if (type == "error") {
    reply = ReadError(fields, json);
  } else if (type == "hello") {
    reply = ReadServerHello(fields, &error);
  } else {
    fields.Fail("type", "must be hello, action or error");
  }
  if (!error.empty()) return Corrupt(error);
  return reply;
}

Bytes Encode(Framing framing, const ClientHello& hello) {
  return EncodeFrame(framing,
                     {{"type", "hello"}, {"protocol", hello.protocol}, {"client", hello.client}});
}

Bytes Encode(Framing framing, const ActRequest& request) {
  const Observation& observation = request.observation;
  Json json = {{"type", "act"},
               {"id", request.id},
               {"session", request.session},
               {"seed", request.seed},
               {"step", observation.step},
               {"empty_close", observation.empty_close},
               {"gripper", ToJson(observation.gripper)}};
  if (request.has_camera) json["camera"] = ToJson(observation.camera);
  json["image"] = ImageHeader(observation.image);
  return EncodeFrame(framing, std::move(json), observation.image.bytes);
}

Bytes Encode(Framing framing, const EndSession& end) {
  return EncodeFrame(framing, {{"type", "end"}, {"session", end.session}});
}

Bytes Encode(Framing framing, const ServerHello& hello) {
  return EncodeFrame(
      framing,
      {{"type", "hello"},
       {"protocol", hello.protocol},
       {"server", hello.server},
       {"model",
        {{"name", hello.model_name}, {"digest", hello.digest}, {"step", hello.model_step}}},
       {"task", ToJson(hello.task)},
       {"image", {{"width_px", hello.image_width_px}, {"height_px", hello.image_height_px}}},
       {"needs_camera", hello.needs_camera}});
}

Bytes Encode(Framing framing, const ActAnswer& answer) {
  Json json = {{"type", "action"}, {"id", answer.id}, {"action", answer.action.ToArray()}};
  if (std::isfinite(answer.q_value)) json["q_value"] = answer.q_value;
  if (std::isfinite(answer.spread)) json["spread"] = answer.spread;
  json["source"] = ToString(answer.source);
  json["digest"] = answer.digest;
  json["compute_ms"] = answer.compute_ms;
  return EncodeFrame(framing, std::move(json));
}

Bytes Encode(Framing framing, const WireError& error) {
  Json json = {{"type", "error"}};
  if (error.id) json["id"] = *error.id;
  json["error"] = {{"code", ToString(error.code)}, {"message", error.message}};
  return EncodeFrame(framing, std::move(json));
}

}  // namespace qt::record
