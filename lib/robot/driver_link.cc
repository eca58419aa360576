// SPDX-License-Identifier: Apache-2.0
#include "robot/driver_link.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace qt::robot {
namespace {

using protocol::DriverMessage;

constexpr size_t kShownBytes = 60;  // of what is no message

std::string LastLine(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  const size_t newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

}  // namespace

std::string SecondsText(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  return text;
}

const uint64_t* IdOf(const DriverMessage& message) {
  if (const auto* done = std::get_if<protocol::DriverDone>(&message)) return &done->id;
  if (const auto* seen = std::get_if<protocol::DriverObservation>(&message)) return &seen->id;
  if (const auto* seen = std::get_if<protocol::DriverEvidence>(&message)) return &seen->id;
  return nullptr;
}

DriverLink::DriverLink(std::unique_ptr<ChildProcess> child, const LinkOptions& options)
    : options_(options), child_(std::move(child)), frames_(child_.get()) {
  child_->SetStop(options_.stopped);
}

DriverLink::~DriverLink() { static_cast<void>(End(0).ok()); }

Result<std::unique_ptr<DriverLink>> DriverLink::Start(const std::string& command,
                                                      const protocol::RobotClientHello& hello,
                                                      const LinkOptions& options) {
  QT_ASSIGN(
      std::unique_ptr<ChildProcess> child,
      ChildProcess::Start({"/bin/sh", "-c", command}, options.timeout_s, Orphan::kEndOfInput));
  child->NameTalk(hello.environment == 0 ? "robot driver"
                                         : "robot driver " + std::to_string(hello.environment));
  std::unique_ptr<DriverLink> link(new DriverLink(std::move(child), options));
  const Status greeted = link->Greet(hello);
  if (greeted.ok()) return link;
  QT_TRY(link->End(greeted.code() == Code::kInterrupted ? kStopPatience_s : 0));
  return greeted;
}

Status DriverLink::Greet(const protocol::RobotClientHello& hello) {
  QT_TRY(Send(hello, "hello"));
  QT_ASSIGN(const DriverMessage message, Next());
  if (const auto* error = std::get_if<protocol::DriverError>(&message)) {
    return Failed("the robot driver says: " + error->message);
  }
  const auto* answer = std::get_if<protocol::DriverHello>(&message);
  if (answer == nullptr) return Explain(Corrupt("its first message is no hello"), "");
  if (answer->protocol != protocol::kRobotProtocol) {
    return Failed("the robot driver speaks protocol " + std::to_string(answer->protocol) +
                  ", not " + std::to_string(protocol::kRobotProtocol));
  }
  hello_ = *answer;
  has_said_hello_ = true;
  child_->ReleaseStderr();
  return Ok();
}

Status DriverLink::Send(const protocol::RobotRequest& request, const std::string& what) {
  waiting_for_ = what;
  give_up_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(kMostTimeouts * options_.timeout_s));
  Status sent = child_->Write(protocol::Encode(protocol::Framing::kNdjson, request));
  // What a driver that has gone said last shows when we read.
  return sent.code() == Code::kClosedPipe ? Ok() : sent;
}

Result<DriverMessage> DriverLink::Next() {
  const auto patience = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(options_.timeout_s));
  for (;;) {
    // A driver that is still being loaded cannot send heartbeats.
    child_->SetDeadline(has_said_hello_ ? std::min(Clock::now() + patience, give_up_) : give_up_);
    Result<std::optional<protocol::Frame>> frame = frames_.Next();
    if (!frame.ok()) return Explain(std::move(frame).status(), frames_.Pending(kShownBytes));
    if (!*frame) return ExplainEnd();
    const std::string start = (*frame)->json.substr(0, kShownBytes);
    Result<DriverMessage> message = protocol::DecodeDriverMessage(std::move(**frame));
    if (!message.ok()) return Explain(std::move(message).status(), start);
    if (!std::holds_alternative<protocol::DriverHeartbeat>(*message)) return message;
  }
}

Status DriverLink::Explain(Status status, const std::string& wrote) {
  if (status.code() == Code::kBusy) {
    const bool silent = Clock::now() < give_up_;
    const double limit_s = options_.timeout_s * (silent ? 1 : kMostTimeouts);
    return Failed("the robot driver did not answer '" + waiting_for_ + "' within " +
                  SecondsText(limit_s));
  }
  if (status.code() != Code::kCorrupt) return status;
  // Most often it is something that prints: a library with a greeting.
  const bool is_no_message = !wrote.empty() && !wrote.starts_with('{');
  return Failed("the robot driver does not follow the protocol: " + status.message() +
                (is_no_message ? "; it wrote \"" + Printable(wrote) + "\"" : ""));
}

Status DriverLink::ExplainEnd() {
  const std::string how = child_->End(0.5);
  const std::string said = LastLine(child_->TakeHeldStderr());
  return Failed("the robot driver " + how + " while '" + waiting_for_ + "' was unanswered" +
                (said.empty() ? "" : ": " + said));
}

Status DriverLink::End(double patience_s) {
  const Status told =
      child_->Write(protocol::Encode(protocol::Framing::kNdjson, protocol::StopRequest()));
  static_cast<void>(told.ok());  // it may be gone already
  child_->CloseInput();
  child_->End(patience_s);
  if (child_->gone()) return Ok();
  return Status(Code::kBusy, "the robot driver cannot be ended, not even by SIGKILL");
}

}  // namespace qt::robot
