// SPDX-License-Identifier: Apache-2.0
#include "serve/connection.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace qt::serve {
namespace {

using protocol::Framing;
using protocol::WireErrorCode;

// The writing half: answers come from several threads, one frame at a time.
class Replies {
 public:
  explicit Replies(ByteSink& out) : out_(out) {}
  ~Replies() { Drain(); }

  template <typename Message>
  void Send(Framing framing, const Message& message) {
    const Bytes frame = protocol::Encode(framing, message);
    const std::lock_guard lock(mutex_);
    if (!status_.ok()) return;
    status_ = out_.Write(frame);
    if (status_.ok()) status_ = out_.Flush();
  }

  // Of an act request; it is in flight while somebody holds what this returns, whether it is
  // answered or its answer gets lost for want of memory.
  std::shared_ptr<void> Begin() {
    {
      const std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    return {this, [](Replies* replies) {
              const std::lock_guard lock(replies->mutex_);
              --replies->in_flight_;
              replies->changed_.notify_all();  // under the lock: the waiter may destroy it next
            }};
  }

  // In a thread of the pool, which nothing may end. A client that an answer cannot be sent to has
  // nothing to wait for.
  void Finish(Framing framing, const Outcome& outcome) {
    try {
      std::visit([&](const auto& message) { Send(framing, message); }, outcome);
    } catch (const std::exception&) {
      out_.Discard();
    }
    const bool answered = std::holds_alternative<protocol::ActAnswer>(outcome);
    const std::lock_guard lock(mutex_);
    ++(answered ? stats_.answers : stats_.errors);
  }

  void Refuse(Framing framing, const protocol::WireError& error) {
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
  Connection(const ConnectionConfig& config, Service& service, ByteSource& in, ByteSink& out,
             const BeforeFrame& before_frame)
      : config_(config),
        service_(service),
        before_frame_(before_frame),
        frames_(&in, config.limits),
        replies_(out) {}

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
      if (before_frame_) before_frame_(frames_.has_begun());
      Result<std::optional<protocol::Frame>> frame = frames_.Next();
      if (!frame.ok()) return RefuseInput(std::move(frame).status(), first);
      if (!*frame) return Ok();
      Handle(protocol::DecodeRequest(std::move(**frame), config_.limits));
      QT_TRY(replies_.status());
    }
  }

  // The last word: it comes after all answers. What never was a frame may have been typed by a
  // person; the error is a line of text then.
  Status RefuseInput(Status status, bool first) {
    if (status.code() != Code::kCorrupt && status.code() != Code::kBusy) return status;
    const Framing framing = first ? Framing::kNdjson : *frames_.framing();
    replies_.Drain();
    Refuse(framing, {std::nullopt, WireErrorCode::kBadFrame, status.ToString()});
    return status;
  }

  void Refuse(Framing framing, const protocol::WireError& error) {
    service_.metrics().CountRefusal(error.code);
    replies_.Refuse(framing, error);
  }

  void Handle(protocol::Request request) {
    std::visit([this](auto&& message) { Take(std::forward<decltype(message)>(message)); },
               std::move(request));
  }

  void Take(protocol::WireError&& error) { Refuse(framing(), error); }

  void Take(protocol::ClientHello&& hello) {
    if (hello.protocol == protocol::kWireProtocol)
      return replies_.Send(framing(), service_.hello());
    Refuse(framing(), {std::nullopt, WireErrorCode::kUnsupportedProtocol,
                       "this server speaks protocol " + std::to_string(protocol::kWireProtocol)});
  }

  void Take(protocol::EndSession&& end) { cameras_.erase(end.session); }

  void Take(protocol::ActRequest&& request) {
    if (auto error = Complete(&request)) return Refuse(framing(), *error);
    service_.Submit(std::move(request), config_.when_full,
                    [this, framing = framing(), in_flight = replies_.Begin()](
                        const Outcome& outcome) { replies_.Finish(framing, outcome); });
  }

  // Adds the session's camera, and says why the request cannot be answered.
  std::optional<protocol::WireError> Complete(protocol::ActRequest* request) {
    CameraModel& camera = request->observation.camera;
    const auto known = cameras_.find(request->session);
    if (!request->has_camera && known != cameras_.end()) camera = known->second;
    if (auto error = service_.Unfit(*request)) return error;
    if (!request->has_camera) return std::nullopt;
    if (known == cameras_.end() && cameras_.size() >= config_.max_sessions) {
      return protocol::WireError{request->id, WireErrorCode::kTooManySessions,
                                 "too many sessions; end those that are not needed any more"};
    }
    cameras_[request->session] = camera;
    return std::nullopt;
  }

  Framing framing() const { return *frames_.framing(); }

  const ConnectionConfig& config_;
  Service& service_;
  const BeforeFrame& before_frame_;
  protocol::FrameReader frames_;
  Replies replies_;
  std::map<uint64_t, CameraModel> cameras_;  // of each session
};

}  // namespace

Status ServeConnection(const ConnectionConfig& config, Service& service, ByteSource& in,
                       ByteSink& out, ConnectionStats* stats, const BeforeFrame& before_frame) {
  Connection connection(config, service, in, out, before_frame);
  return connection.Serve(stats);
}

}  // namespace qt::serve
