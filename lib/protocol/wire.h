// SPDX-License-Identifier: Apache-2.0
// The messages of the policy protocol, version 1 (formats/serve/SPEC.md), between a robot (or
// qt-collect, qt-eval) and a policy server, in both directions. Encoding cannot fail; decoding
// checks every number that comes in.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>

#include "base/file.h"
#include "base/status.h"
#include "mdp/episode.h"
#include "mdp/observation.h"
#include "mdp/task.h"
#include "protocol/wire_frame.h"

namespace qt::protocol {

inline constexpr int kWireProtocol = 1;

// Messages from the client.
struct ClientHello {
  int protocol = kWireProtocol;
  std::string client;  // "qt-eval 0.1.0"; for the log
};

// Asks for the action of one step, or for Q of a given one. The answer depends on (seed, step,
// observation, action) alone.
struct ActRequest {
  uint64_t id = 0;          // given back with the answer
  uint64_t session = 0;     // an environment; remembers its camera
  uint64_t seed = 0;        // of the episode
  Observation observation;  // without has_camera, observation.camera is the session's last one
  bool has_camera = false;
  std::optional<Action> action;  // asks for Q of this one, without a search
  // Time limit, counted from when the server has read the request: an answer or a refusal.
  std::optional<double> deadline_ms;
};

// The session will not be used any more. Has no answer.
struct EndSession {
  uint64_t session = 0;
};

// Messages from the server.
struct ServerHello {
  int protocol = kWireProtocol;
  std::string server;       // "qt-serve 0.1.0 (commit)"
  std::string model_name;   // "policy"
  std::string digest;       // SHA-256 of the checkpoint
  uint64_t model_step = 0;  // gradient steps it was trained for
  TaskConfig task;
  int image_width_px = 0;  // the size the model needs; others are refused
  int image_height_px = 0;
  bool needs_camera = false;
};

struct ActAnswer {
  uint64_t id = 0;
  Action action;
  float q_value = std::numeric_limits<float>::quiet_NaN();  // not sent if unknown
  float spread = std::numeric_limits<float>::quiet_NaN();
  ActionSource source = ActionSource::kUnknown;
  std::string digest;                  // of the checkpoint that answered, and
  std::optional<uint64_t> model_step;  // the gradient steps it was trained for
  double compute_ms = 0;
  std::optional<double> wait_ms;  // in the queue, before that
};

enum class WireErrorCode : uint8_t {
  kBadFrame,             // the input cannot be framed; the server ends
  kBadRequest,           // not JSON, or a field is missing or out of range
  kUnsupportedProtocol,  // the hello asks for another version
  kBadImage,             // the image cannot be decoded
  kNeedsCamera,          // the model needs a camera and the session has sent none
  kTooManySessions,
  kBusy,      // the queue is full, or the request would wait in it for too long
  kDeadline,  // the request's deadline cannot be kept, or was not
  kInternal,
};
const char* ToString(WireErrorCode code);  // "bad_frame", ...

struct WireError {
  std::optional<uint64_t> id;  // of the request, where it could be read
  WireErrorCode code = WireErrorCode::kInternal;
  std::string message;
};

// What a client's frame says. WireError: what is wrong with it, ready to be sent back.
using Request = std::variant<ClientHello, ActRequest, EndSession, WireError>;
Request DecodeRequest(Frame frame, const WireLimits& limits = {});
// The same of a message that came as JSON in another way, its image beside it or in it.
Request DecodeRequest(const Json& message, Bytes image, const WireLimits& limits = {});

// What a server's frame says; Corrupt if it does not follow the protocol.
using Reply = std::variant<ServerHello, ActAnswer, WireError>;
Result<Reply> DecodeReply(const Frame& frame);

FrameParts LayOut(Framing framing, const ActRequest& request);
Bytes Encode(Framing framing, const ActRequest& request);  // the same in one piece
Bytes Encode(Framing framing, const ClientHello& hello);
Bytes Encode(Framing framing, const EndSession& end);
Bytes Encode(Framing framing, const ServerHello& hello);
Bytes Encode(Framing framing, const ActAnswer& answer);
Bytes Encode(Framing framing, const WireError& error);

}  // namespace qt::protocol
