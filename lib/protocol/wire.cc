// SPDX-License-Identifier: Apache-2.0
#include "protocol/wire.h"

#include <array>
#include <cmath>
#include <utility>

#include "json/fields.h"
#include "json/mdp_json.h"
#include "protocol/wire_frame.h"

namespace qt::protocol {
namespace {

constexpr uint64_t kMaxStep = 1'000'000;
constexpr double kMaxDeadline_ms = 86'400'000;  // a day

constexpr std::array kErrorCodes = {
    WireErrorCode::kBadFrame, WireErrorCode::kBadRequest,  WireErrorCode::kUnsupportedProtocol,
    WireErrorCode::kBadImage, WireErrorCode::kNeedsCamera, WireErrorCode::kTooManySessions,
    WireErrorCode::kBusy,     WireErrorCode::kDeadline,    WireErrorCode::kInternal};
constexpr std::array kSources = {ActionSource::kUnknown, ActionSource::kGreedy,
                                 ActionSource::kNoise,   ActionSource::kScripted,
                                 ActionSource::kRandom,  ActionSource::kHuman};

uint64_t ReadSession(const json::Fields& fields) {
  return fields.Has("session") ? fields.Unsigned("session", json::kMaxId) : 0;
}

ActRequest ReadAct(const json::Fields& fields, Frame& frame, const WireLimits& limits) {
  ActRequest request;
  request.id = fields.Unsigned("id", json::kMaxId);
  request.session = ReadSession(fields);
  request.seed = fields.Unsigned("seed", UINT64_MAX);
  Observation& observation = request.observation;
  observation.step = static_cast<uint32_t>(fields.Unsigned("step", kMaxStep));
  if (fields.Has("fruitless")) {
    observation.fruitless = static_cast<float>(fields.Number("fruitless", 0, 1));
  }
  observation.gripper = json::ReadGripper(fields.Object("gripper"));
  if (fields.Has("action")) request.action = json::ReadAction(fields);
  if (fields.Has("deadline_ms")) {
    request.deadline_ms = fields.Number("deadline_ms", 0, kMaxDeadline_ms);
  }
  request.has_camera = fields.Has("camera");
  if (request.has_camera) observation.camera = json::ReadCamera(fields.Object("camera"));
  observation.image = ReadImage(fields.Object("image"), frame, limits);
  return request;
}

ClientHello ReadClientHello(const json::Fields& fields) {
  ClientHello hello;
  hello.protocol = fields.Integer("protocol", 0, 1'000'000);
  if (fields.Has("client")) hello.client = fields.Text("client", json::kMaxName);
  return hello;
}

// The id of a message that may be malformed in any other way.
std::optional<uint64_t> FindId(const Json& json) {
  std::string error;
  const json::Fields fields(json, "", &error);
  if (!fields.Has("id")) return std::nullopt;
  const uint64_t id = fields.Unsigned("id", json::kMaxId);
  return error.empty() ? std::optional(id) : std::nullopt;
}

Request ReadRequest(const Json& json, Frame& frame, const WireLimits& limits, std::string* error) {
  const json::Fields fields(json, "", error);
  const std::string type = fields.Text("type", json::kMaxName);
  if (type == "act") return ReadAct(fields, frame, limits);
  if (type == "hello") return ReadClientHello(fields);
  if (type == "end") return EndSession{fields.Unsigned("session", json::kMaxId)};
  fields.Fail("type", "must be hello, act or end");
  return WireError{};
}

ServerHello ReadServerHello(const json::Fields& fields, std::string* error) {
  ServerHello hello;
  hello.protocol = fields.Integer("protocol", 0, 1'000'000);
  hello.server = fields.Text("server", json::kMaxName);
  const json::Fields model = fields.Object("model");
  hello.model_name = model.Text("name", json::kMaxName);
  hello.digest = model.Text("digest", json::kMaxName);
  hello.model_step = model.Unsigned("step", UINT64_MAX);
  const json::Fields image = fields.Object("image");
  hello.image_width_px = image.Integer("width_px", 1, kMaxCameraSide_px);
  hello.image_height_px = image.Integer("height_px", 1, kMaxCameraSide_px);
  hello.needs_camera = fields.Bool("needs_camera");
  const Json& task_json = fields.Get("task");
  if (!task_json.is_object()) fields.Fail("task", "must be an object");
  if (!error->empty()) return hello;
  Result<TaskConfig> task = json::TaskFromJson(task_json);
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

float OptionalNumber(const json::Fields& fields, const char* key) {
  if (!fields.Has(key)) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(fields.Number(key, -1e30, 1e30));
}

ActAnswer ReadAnswer(const json::Fields& fields) {
  ActAnswer answer;
  answer.id = fields.Unsigned("id", json::kMaxId);
  answer.action = json::ReadAction(fields);
  answer.q_value = OptionalNumber(fields, "q_value");
  answer.spread = OptionalNumber(fields, "spread");
  if (fields.Has("source")) answer.source = ParseSource(fields.Text("source", json::kMaxName));
  if (fields.Has("digest")) answer.digest = fields.Text("digest", json::kMaxName);
  if (fields.Has("model_step")) answer.model_step = fields.Unsigned("model_step", UINT64_MAX);
  if (fields.Has("wait_ms")) answer.wait_ms = fields.Number("wait_ms", 0, 1e12);
  if (fields.Has("compute_ms")) answer.compute_ms = fields.Number("compute_ms", 0, 1e12);
  return answer;
}

WireError ReadError(const json::Fields& fields, const Json& json) {
  WireError wire_error;
  wire_error.id = FindId(json);
  const json::Fields inner = fields.Object("error");
  const std::string code = inner.Text("code", json::kMaxName);
  wire_error.message = inner.Text("message", 64 << 10);
  for (WireErrorCode known : kErrorCodes) {
    if (code == ToString(known)) wire_error.code = known;
  }
  return wire_error;
}

Json ActJson(const ActRequest& request) {
  const Observation& observation = request.observation;
  Json json = {{"type", "act"},
               {"id", request.id},
               {"session", request.session},
               {"seed", request.seed},
               {"step", observation.step},
               {"fruitless", observation.fruitless},
               {"gripper", json::ToJson(observation.gripper)}};
  if (request.action) json["action"] = request.action->ToArray();
  if (request.deadline_ms) json["deadline_ms"] = *request.deadline_ms;
  if (request.has_camera) json["camera"] = json::ToJson(observation.camera);
  json["image"] = ImageHeader(observation.image);
  return json;
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
    case WireErrorCode::kBusy:
      return "busy";
    case WireErrorCode::kDeadline:
      return "deadline";
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
  return DecodeRequest(*json, std::move(frame.image), limits);
}

Request DecodeRequest(const Json& message, Bytes image, const WireLimits& limits) {
  Frame frame{{}, std::move(image)};
  std::string error;
  Request request = ReadRequest(message, frame, limits, &error);
  if (!error.empty()) return WireError{FindId(message), WireErrorCode::kBadRequest, error};
  return request;
}

Result<Reply> DecodeReply(const Frame& frame) {
  QT_ASSIGN(const Json json, ParseSmallObject(frame.json));
  std::string error;
  const json::Fields fields(json, "", &error);
  const std::string type = fields.Text("type", json::kMaxName);
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

FrameParts LayOut(Framing framing, const ActRequest& request) {
  return LayOutFrame(framing, ActJson(request), request.observation.image.bytes);
}

Bytes Encode(Framing framing, const ActRequest& request) {
  return EncodeFrame(framing, ActJson(request), request.observation.image.bytes);
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
       {"task", json::ToJson(hello.task)},
       {"image", {{"width_px", hello.image_width_px}, {"height_px", hello.image_height_px}}},
       {"needs_camera", hello.needs_camera}});
}

Bytes Encode(Framing framing, const ActAnswer& answer) {
  Json json = {{"type", "action"}, {"id", answer.id}, {"action", answer.action.ToArray()}};
  if (std::isfinite(answer.q_value)) json["q_value"] = answer.q_value;
  if (std::isfinite(answer.spread)) json["spread"] = answer.spread;
  json["source"] = ToString(answer.source);
  json["digest"] = answer.digest;
  if (answer.model_step) json["model_step"] = *answer.model_step;
  if (answer.wait_ms) json["wait_ms"] = *answer.wait_ms;
  json["compute_ms"] = answer.compute_ms;
  return EncodeFrame(framing, std::move(json));
}

Bytes Encode(Framing framing, const WireError& error) {
  Json json = {{"type", "error"}};
  if (error.id) json["id"] = *error.id;
  json["error"] = {{"code", ToString(error.code)}, {"message", error.message}};
  return EncodeFrame(framing, std::move(json));
}

}  // namespace qt::protocol
