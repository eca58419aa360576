#include "serve/connection.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace qt::serve {
namespace {

using record::Framing;
using record::WireErrorCode;

// The writing half: answers come from several threads, one frame at a time.
class Replies {
 public:
  explicit Replies(ByteSink& out) : out_(out) {}

  template <typename Message>
  void Send(Framing framing, const Message& message) {
    const Bytes frame = record::Encode(framing, message);
    const std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    status_ = out_.Write(frame);
    if (status_.ok()) status_ = out_.Flush();
  }

  // Of an act request, which Begin has announced.
  void Finish(Framing framing, uint64_t id, const Result<record::ActAnswer>& answer) {
    if (answer.ok()) {
      Send(framing, *answer);
    } else {
      const bool bad_image = answer.status().code() == Code::kCorrupt;
      Send(framing,
           record::WireError{id, bad_image ? WireErrorCode::kBadImage : WireErrorCode::kInternal,
                             answer.status().ToString()});
    }
    const std::lock_guard lock(mutex_);
    ++(answer.ok() ? stats_.answers : stats_.errors);
    --in_flight_;
    changed_.notify_all();  // under the lock: the waiter may destroy this object next
  }

  void Begin() {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
  }

  void Refuse(Framing framing, const record::WireError& error) {
    Send(framing, error);
    const std::lock_guard lock(mutex_);
    ++stats_.errors;
  }

  // Waits until every request that has begun is answered.
  void Drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return in_flight_ == 0; });
  }

  ConnectionStats stats() {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

  Status status() {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  ByteSink& out_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Status status_;  // of writing
  ConnectionStats stats_;
  uint64_t in_flight_ = 0;
};

class Connection {
 public:
  Connection(const ConnectionConfig& config, PolicyPool& pool, ByteSource& in, ByteSink& out)
      : config_(config), pool_(pool), frames_(&in, config.limits), replies_(out) {}

  Status Serve(ConnectionStats* stats) {
    const Status read = ReadRequests();
    replies_.Drain();
    *stats = replies_.stats();
    const Status written = replies_.status();
    return written.ok() ? read : written;
  }

 private:
  Status ReadRequests() {
    for (bool first = true;; first = false) {
      Result<std::optional<record::Frame>> frame = frames_.Next();
      if (!frame.ok()) return RefuseInput(std::move(frame).status(), first);
      if (!*frame) return Ok();
      Handle(record::DecodeRequest(std::move(**frame), config_.limits));
      QT_TRY(replies_.status());
    }
  }

  // The last word: it comes after all answers. What never was a frame may have been typed by a
  // person; the error is a line of text then.
  Status RefuseInput(Status status, bool first) {
    if (status.code() != Code::kCorrupt) return status;
    const Framing framing = first ? Framing::kNdjson : *frames_.framing();
    replies_.Drain();
    replies_.Refuse(framing, {std::nullopt, WireErrorCode::kBadFrame, status.ToString()});
    return status;
  }

  void Handle(record::Request request) {
    std::visit([this](auto&& message) { Take(std::move(message)); }, std::move(request));
  }

  void Take(record::WireError&& error) { replies_.Refuse(framing(), error); }

  void Take(record::ClientHello&& hello) {
    if (hello.protocol == record::kWireProtocol) return replies_.Send(framing(), config_.hello);
    replies_.Refuse(framing(),
                    {std::nullopt, WireErrorCode::kUnsupportedProtocol,
                     "this server speaks protocol " + std::to_string(record::kWireProtocol)});
  }

  void Take(record::EndSession&& end) { cameras_.erase(end.session); }

  void Take(record::ActRequest&& request) {
    if (auto error = Complete(&request)) return replies_.Refuse(framing(), *error);
    replies_.Begin();
    const uint64_t id = request.id;
    pool_.Submit(std::move(request),
                 [this, id, framing = framing()](const Result<record::ActAnswer>& answer) {
                   replies_.Finish(framing, id, answer);
                 });
  }

  // Adds the session's camera, and says why the model cannot answer the request.
  std::optional<record::WireError> Complete(record::ActRequest* request) {
    const auto error = [request](WireErrorCode code, std::string message) {
      return record::WireError{request->id, code, std::move(message)};
    };
    const EncodedImage& image = request->observation.image;
    CameraModel& camera = request->observation.camera;
    const auto known = cameras_.find(request->session);
    if (!request->has_camera && known != cameras_.end()) camera = known->second;
    if (image.width_px != config_.hello.image_width_px ||
        image.height_px != config_.hello.image_height_px) {
      return error(WireErrorCode::kBadImage,
                   "the image is " + SizeText(image) + ", the model needs " + NeededSize());
    }
    if (!camera.valid()) {
      if (!config_.hello.needs_camera) return std::nullopt;
      return error(WireErrorCode::kNeedsCamera,
                   "the model needs a camera, and none has been sent yet");
    }
    if (camera.width_px != image.width_px || camera.height_px != image.height_px) {
      return error(WireErrorCode::kBadRequest, "the camera's size is not the image's");
    }
    if (known == cameras_.end() && cameras_.size() >= config_.max_sessions) {
      return error(WireErrorCode::kTooManySessions,
                   "too many sessions; end those that are not needed any more");
    }
    if (request->has_camera) cameras_[request->session] = camera;
    return std::nullopt;
  }

  static std::string SizeText(const EncodedImage& image) {
    return std::to_string(image.width_px) + "x" + std::to_string(image.height_px);
  }
  std::string NeededSize() const {
    return std::to_string(config_.hello.image_width_px) + "x" +
           std::to_string(config_.hello.image_height_px);
  }

  Framing framing() const { return *frames_.framing(); }

  const ConnectionConfig& config_;
  PolicyPool& pool_;
  record::FrameReader frames_;
  Replies replies_;
  std::map<uint64_t, CameraModel> cameras_;  // of each session
};

}  // namespace

Status ServeConnection(const ConnectionConfig& config, PolicyPool& pool, ByteSource& in,
                       ByteSink& out, ConnectionStats* stats) {
  Connection connection(config, pool, in, out);
  return connection.Serve(stats);
}

Observation WarmUpObservation(const record::ServerHello& hello) {
  Observation observation;
  observation.image.encoding = ImageEncoding::kRgb8;
  observation.image.width_px = hello.image_width_px;
  observation.image.height_px = hello.image_height_px;
  observation.image.bytes.assign(
      size_t{3} * static_cast<size_t>(hello.image_width_px * hello.image_height_px), 128);
  CameraModel& camera = observation.camera;
  camera.width_px = hello.image_width_px;
  camera.height_px = hello.image_height_px;
  camera.fx_px = camera.fy_px = hello.image_width_px;
  camera.cx_px = (hello.image_width_px - 1) / 2.0;
  camera.cy_px = (hello.image_height_px - 1) / 2.0;
  camera.X_WC.p_m = {0, 0, 0.6};
  camera.X_WC.q = {0, 1, 0, 0};  // looking straight down
  observation.gripper.height_m = 0.1f;
  return observation;
}

}  // namespace qt::serve
