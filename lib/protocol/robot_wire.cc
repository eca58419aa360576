// SPDX-License-Identifier: Apache-2.0
#include "protocol/robot_wire.h"

#include <array>
#include <cmath>
#include <utility>

#include "json/bounded_json.h"
#include "json/fields.h"
#include "json/mdp_json.h"
#include "protocol/wire_frame.h"

namespace qt::protocol {
namespace {

constexpr size_t kMaxMessage = 4096;
constexpr int kMaxEnvironment = 1'000'000;
constexpr uint64_t kMaxStamp_ns = INT64_MAX;

uint64_t ReadId(const json::Fields& fields) { return fields.Unsigned("id", json::kMaxId); }

int64_t ReadStamp(const json::Fields& fields) {
  return static_cast<int64_t>(fields.Unsigned("stamp_ns", kMaxStamp_ns));
}

// An object as its text; "" if it is not there.
std::string ReadObject(const json::Fields& fields, const char* key) {
  if (!fields.Has(key)) return "";
  const Json& object = fields.Get(key);
  if (!object.is_object()) fields.Fail(key, "must be an object");
  return json::Dump(object);
}

bool ReadSwitch(const json::Fields& fields, const char* key) {
  return fields.Has(key) && fields.Bool(key);
}

RobotLimits::Interval ReadInterval(const json::Fields& fields, const char* key) {
  if (!fields.Has(key)) return {};
  const auto [low, high] = fields.Numbers<2>(key, -json::kMaxLength_m, json::kMaxLength_m);
  if (low > high) fields.Fail(key, "must be the least and the greatest value, in this order");
  return {low, high};
}

double ReadMost(const json::Fields& fields, const char* key) {
  constexpr double kLeast = 1e-6;  // a robot that may not move at all is not one
  return fields.Has(key) ? fields.Number(key, kLeast, json::kMaxLength_m) : RobotLimits::kNone;
}

RobotLimits ReadLimits(const json::Fields& fields) {
  RobotLimits limits;
  limits.x_m = ReadInterval(fields, "x_m");
  limits.y_m = ReadInterval(fields, "y_m");
  limits.height_m = ReadInterval(fields, "height_m");
  limits.max_step_xy_m = ReadMost(fields, "max_step_xy_m");
  limits.max_step_z_m = ReadMost(fields, "max_step_z_m");
  limits.max_step_yaw_rad = ReadMost(fields, "max_step_yaw_rad");
  limits.max_speed_mps = ReadMost(fields, "max_speed_mps");
  limits.max_turn_radps = ReadMost(fields, "max_turn_radps");
  return limits;
}

Json LimitsJson(const RobotLimits& limits) {
  Json json = Json::object();
  const auto add_interval = [&json](const char* key, const RobotLimits::Interval& interval) {
    if (std::isfinite(interval.low)) json[key] = {interval.low, interval.high};
  };
  const auto add_most = [&json](const char* key, double most) {
    if (std::isfinite(most)) json[key] = most;
  };
  add_interval("x_m", limits.x_m);
  add_interval("y_m", limits.y_m);
  add_interval("height_m", limits.height_m);
  add_most("max_step_xy_m", limits.max_step_xy_m);
  add_most("max_step_z_m", limits.max_step_z_m);
  add_most("max_step_yaw_rad", limits.max_step_yaw_rad);
  add_most("max_speed_mps", limits.max_speed_mps);
  add_most("max_turn_radps", limits.max_turn_radps);
  return json;
}

DriverHello ReadDriverHello(const json::Fields& fields) {
  DriverHello hello;
  hello.protocol = fields.Integer("protocol", 0, 1'000'000);
  hello.driver = fields.Text("driver", json::kMaxName);
  if (fields.Has("env")) hello.env = fields.Text("env", json::kMaxName);
  if (hello.env.empty()) hello.env = hello.driver;
  hello.env_config = ReadObject(fields, "env_config");
  if (fields.Has("capabilities")) {
    const json::Fields capabilities = fields.Object("capabilities");
    hello.new_bin = ReadSwitch(capabilities, "new_bin");
    hello.drop_test = ReadSwitch(capabilities, "drop_test");
    hello.gripper_view = ReadSwitch(capabilities, "gripper_view");
  }
  if (fields.Has("limits")) hello.limits = ReadLimits(fields.Object("limits"));
  return hello;
}

DriverDone ReadDone(const json::Fields& fields) {
  DriverDone done;
  done.id = ReadId(fields);
  if (fields.Has("gripper")) done.gripper = json::ReadGripper(fields.Object("gripper"));
  done.intervention = ReadSwitch(fields, "intervention");
  if (fields.Has("env_config")) done.env_config = ReadObject(fields, "env_config");
  if (fields.Has("truth")) done.truth = fields.Bool("truth");
  done.truth_config = ReadObject(fields, "truth_config");
  return done;
}

DriverObservation ReadObservation(const json::Fields& fields, Frame& frame,
                                  const WireLimits& limits) {
  DriverObservation message;
  message.id = ReadId(fields);
  message.stamp_ns = ReadStamp(fields);
  Observation& observation = message.observation;
  observation.gripper = json::ReadGripper(fields.Object("gripper"));
  message.has_camera = fields.Has("camera");
  if (message.has_camera) observation.camera = json::ReadCamera(fields.Object("camera"));
  observation.image = ReadImage(fields.Object("image"), frame, limits);
  return message;
}

DriverEvidence ReadEvidence(const json::Fields& fields, Frame& frame, const WireLimits& limits) {
  DriverEvidence evidence;
  evidence.id = ReadId(fields);
  evidence.frame.name = fields.Text("name", json::kMaxName);
  evidence.frame.stamp_ns = ReadStamp(fields);
  evidence.frame.image = ReadImage(fields.Object("image"), frame, limits);
  return evidence;
}

DriverError ReadDriverError(const json::Fields& fields) {
  DriverError error;
  if (fields.Has("id")) error.id = ReadId(fields);
  const json::Fields what = fields.Object("error");
  error.code = what.Text("code", json::kMaxName);
  error.message = what.Text("message", kMaxMessage);
  return error;
}

DriverMessage ReadDriverMessage(const Json& json, Frame& frame, const WireLimits& limits,
                                std::string* error) {
  const json::Fields fields(json, "", error);
  const std::string type = fields.Text("type", json::kMaxName);
  if (type == "observation") return ReadObservation(fields, frame, limits);
  if (type == "done") return ReadDone(fields);
  if (type == "heartbeat") return DriverHeartbeat{};
  if (type == "evidence") return ReadEvidence(fields, frame, limits);
  if (type == "hello") return ReadDriverHello(fields);
  if (type == "error") return ReadDriverError(fields);
  fields.Fail("type", "must be hello, done, observation, evidence, heartbeat or error");
  return DriverHeartbeat{};
}

RobotClientHello ReadRobotHello(const json::Fields& fields, std::string* error) {
  RobotClientHello hello;
  hello.protocol = fields.Integer("protocol", 0, 1'000'000);
  hello.client = fields.Text("client", json::kMaxName);
  hello.environment = fields.Integer("environment", 0, kMaxEnvironment);
  hello.drop_test = fields.Bool("drop_test");
  hello.gripper_view = ReadSwitch(fields, "gripper_view");
  const Json& task_json = fields.Get("task");
  if (!task_json.is_object()) fields.Fail("task", "must be an object");
  if (!error->empty()) return hello;
  const Result<TaskConfig> task = json::TaskFromJson(task_json);
  if (!task.ok()) fields.Fail("task", "is wrong: " + task.status().message());
  if (task.ok()) hello.task = *task;
  return hello;
}

CommandRequest ReadCommand(const json::Fields& fields) {
  CommandRequest request;
  request.id = ReadId(fields);
  request.action = json::ReadAction(fields);
  if (!fields.Has("target")) return request;
  const json::Fields target = fields.Object("target");
  const auto number = [&target](const char* key) {
    return target.Number(key, -json::kMaxLength_m, json::kMaxLength_m);
  };
  request.motion =
      GuardedMotion{{number("x_m"), number("y_m"), number("height_m"), number("yaw_rad")},
                    fields.Has("min_duration_s") ? fields.Number("min_duration_s", 0, 1e6) : 0};
  return request;
}

RobotRequest ReadRobotRequest(const Json& json, std::string* error) {
  const json::Fields fields(json, "", error);
  const std::string type = fields.Text("type", json::kMaxName);
  if (type == "observe") return ObserveRequest{ReadId(fields)};
  if (type == "act") return ReadCommand(fields);
  if (type == "reset") {
    return ResetRequest{ReadId(fields), fields.Unsigned("seed", UINT64_MAX), ReadStamp(fields)};
  }
  if (type == "drop_test") return DropTestRequest{ReadId(fields)};
  if (type == "new_bin") return NewBinRequest{ReadId(fields), fields.Unsigned("seed", UINT64_MAX)};
  if (type == "hello") return ReadRobotHello(fields, error);
  if (type == "stop") return StopRequest{};
  fields.Fail("type", "must be hello, new_bin, reset, observe, act, drop_test or stop");
  return StopRequest{};
}

struct JsonOf {
  Json operator()(const RobotClientHello& hello) const {
    return {{"type", "hello"},
            {"protocol", hello.protocol},
            {"client", hello.client},
            {"environment", hello.environment},
            {"task", json::ToJson(hello.task)},
            {"drop_test", hello.drop_test},
            {"gripper_view", hello.gripper_view}};
  }
  Json operator()(const NewBinRequest& request) const {
    return {{"type", "new_bin"}, {"id", request.id}, {"seed", std::to_string(request.seed)}};
  }
  Json operator()(const ResetRequest& request) const {
    return {{"type", "reset"},
            {"id", request.id},
            {"seed", std::to_string(request.seed)},
            {"stamp_ns", std::to_string(request.stamp_ns)}};
  }
  Json operator()(const ObserveRequest& request) const {
    return {{"type", "observe"}, {"id", request.id}};
  }
  Json operator()(const CommandRequest& request) const {
    Json json = {{"type", "act"}, {"id", request.id}, {"action", request.action.ToArray()}};
    if (!request.motion) return json;
    const GripperTarget& target = request.motion->target;
    json["target"] = {{"x_m", target.x_m},
                      {"y_m", target.y_m},
                      {"height_m", target.height_m},
                      {"yaw_rad", target.yaw_rad}};
    json["min_duration_s"] = request.motion->min_duration_s;
    return json;
  }
  Json operator()(const DropTestRequest& request) const {
    return {{"type", "drop_test"}, {"id", request.id}};
  }
  Json operator()(const StopRequest&) const { return {{"type", "stop"}}; }

  Json operator()(const DriverHello& hello) const {
    Json json = {{"type", "hello"}, {"protocol", hello.protocol}, {"driver", hello.driver}};
    if (!hello.env.empty()) json["env"] = hello.env;
    AddObject(json, "env_config", hello.env_config);
    json["capabilities"] = {{"new_bin", hello.new_bin},
                            {"drop_test", hello.drop_test},
                            {"gripper_view", hello.gripper_view}};
    json["limits"] = LimitsJson(hello.limits);
    return json;
  }
  Json operator()(const DriverDone& done) const {
    Json json = {{"type", "done"}, {"id", done.id}};
    if (done.gripper) json["gripper"] = json::ToJson(*done.gripper);
    if (done.intervention) json["intervention"] = true;
    if (done.env_config) AddObject(json, "env_config", *done.env_config);
    if (done.truth) json["truth"] = *done.truth;
    AddObject(json, "truth_config", done.truth_config);
    return json;
  }
  Json operator()(const DriverObservation& message) const {
    Json json = {{"type", "observation"},
                 {"id", message.id},
                 {"stamp_ns", std::to_string(message.stamp_ns)},
                 {"gripper", json::ToJson(message.observation.gripper)}};
    if (message.has_camera) json["camera"] = json::ToJson(message.observation.camera);
    json["image"] = ImageHeader(message.observation.image);
    return json;
  }
  Json operator()(const DriverEvidence& evidence) const {
    return {{"type", "evidence"},
            {"id", evidence.id},
            {"name", evidence.frame.name},
            {"stamp_ns", std::to_string(evidence.frame.stamp_ns)},
            {"image", ImageHeader(evidence.frame.image)}};
  }
  Json operator()(const DriverHeartbeat&) const { return {{"type", "heartbeat"}}; }
  Json operator()(const DriverError& error) const {
    Json json = {{"type", "error"}};
    if (error.id) json["id"] = *error.id;
    json["error"] = {{"code", error.code}, {"message", error.message}};
    return json;
  }

  // `text` is an object that our own side has dumped.
  static void AddObject(Json& json, const char* key, const std::string& text) {
    if (!text.empty()) json[key] = *json::Parse(text);
  }
};

SharedBytes ImageOf(const DriverMessage& message) {
  if (const auto* seen = std::get_if<DriverObservation>(&message)) {
    return seen->observation.image.bytes;
  }
  if (const auto* seen = std::get_if<DriverEvidence>(&message)) return seen->frame.image.bytes;
  return {};
}

}  // namespace

Result<RobotRequest> DecodeRobotRequest(const Frame& frame) {
  QT_ASSIGN(const Json json, ParseSmallObject(frame.json));
  std::string error;
  RobotRequest request = ReadRobotRequest(json, &error);
  if (!error.empty()) return Corrupt(error);
  return request;
}

Result<DriverMessage> DecodeDriverMessage(Frame frame, const WireLimits& limits) {
  QT_ASSIGN(const Json json, ParseSmallObject(frame.json));
  std::string error;
  DriverMessage message = ReadDriverMessage(json, frame, limits, &error);
  if (!error.empty()) return Corrupt(error);
  return message;
}

Bytes Encode(Framing framing, const RobotRequest& request) {
  return EncodeFrame(framing, std::visit(JsonOf(), request));
}

FrameParts LayOut(Framing framing, const DriverMessage& message) {
  return LayOutFrame(framing, std::visit(JsonOf(), message), ImageOf(message));
}

Bytes Encode(Framing framing, const DriverMessage& message) {
  return EncodeFrame(framing, std::visit(JsonOf(), message), ImageOf(message));
}

}  // namespace qt::protocol
