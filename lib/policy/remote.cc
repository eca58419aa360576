// SPDX-License-Identifier: Apache-2.0
#include "policy/remote.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/child_process.h"
#include "base/file.h"
#include "base/log.h"
#include "protocol/wire_frame.h"

namespace qt::policy {
namespace {

// --- The way to the server: a process that is started, or a socket; knows nothing of the protocol

constexpr char kServerTool[] = "qt-serve";

// What a spec names, and how to speak to it.
struct ServerAddress {
  std::vector<std::string> argv;  // either a program to run
  std::string socket_path;        // or a socket to connect to
  protocol::Framing framing = protocol::Framing::kBinary;
};

class ServerLink : public ByteSource {
 public:
  // The caller's thread must be the one that reads and must outlive the link: the kernel ends the
  // server's process with it. A write that is not taken within `write_timeout_s` fails.
  static Result<std::unique_ptr<ServerLink>> Open(const ServerAddress& address,
                                                  double write_timeout_s);

  // Thread-safe with respect to Read, not to other writes. kClosedPipe if nobody reads it any more.
  virtual Status Write(ByteSpan bytes) = 0;
  // We have said everything; the server answers what it has, and ends (the connection).
  virtual void CloseInput() = 0;
  // The server is ready: what a process says on standard error is passed on from now on.
  virtual void NoteReady() = 0;
  // Ends it now: a process by the signal.
  virtual void Stop(int signal) = 0;
  // Waits for the end, and says how it was: "ended with exit status 1".
  virtual std::string End(double patience_s) = 0;
  // What a process said on standard error before it was ready.
  virtual std::string TakeLastWords() = 0;
};

using Clock = std::chrono::steady_clock;

constexpr char kUnixPrefix[] = "unix:";

class ProcessLink : public ServerLink {
 public:
  explicit ProcessLink(std::unique_ptr<ChildProcess> child) : child_(std::move(child)) {}
  Result<size_t> Read(std::span<uint8_t> bytes) override { return child_->Read(bytes); }
  const std::string& name() const override { return child_->name(); }
  Status Write(ByteSpan bytes) override { return child_->Write(bytes); }
  void CloseInput() override { child_->CloseInput(); }
  void NoteReady() override { child_->ReleaseStderr(); }
  void Stop(int signal) override { child_->Signal(signal); }
  std::string End(double patience_s) override { return child_->End(patience_s); }
  std::string TakeLastWords() override { return child_->TakeHeldStderr(); }

 private:
  std::unique_ptr<ChildProcess> child_;
};

class SocketLink : public ServerLink {
 public:
  SocketLink(int socket, std::string name, double write_timeout_s)
      : socket_(socket), name_(std::move(name)), write_timeout_s_(write_timeout_s) {}
  ~SocketLink() override { ::close(socket_); }
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;

  Result<size_t> Read(std::span<uint8_t> bytes) override {
    for (;;) {
      const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno == ECONNRESET) return size_t{0};
      if (errno != EINTR) return FromErrno(errno, "cannot read").At(name_);
    }
  }

  Status Write(ByteSpan bytes) override {
    const auto until = Clock::now() + std::chrono::duration<double>(write_timeout_s_);
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0) {
        bytes = bytes.subspan(static_cast<size_t>(n));
      } else if (errno == EAGAIN || errno == EINTR) {
        if (Clock::now() > until) return Failed("the server takes no requests").At(name_);
        pollfd fd = {socket_, POLLOUT, 0};
        static_cast<void>(::poll(&fd, 1, 100));
      } else {
        return Status(Code::kClosedPipe, "the server closed the connection").At(name_);
      }
    }
    return Ok();
  }

  const std::string& name() const override { return name_; }
  void CloseInput() override { ::shutdown(socket_, SHUT_WR); }
  void NoteReady() override {}
  void Stop(int) override { ::shutdown(socket_, SHUT_RDWR); }
  std::string End(double) override { return "closed the connection"; }
  std::string TakeLastWords() override { return ""; }

 private:
  const int socket_;
  const std::string name_;
  const double write_timeout_s_;
};

Result<std::unique_ptr<ServerLink>> Connect(const std::string& path, double write_timeout_s) {
  const std::string name = kUnixPrefix + path;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Failed("the path of the socket is too long").At(name);
  }
  path.copy(address.sun_path, path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return FromErrno(errno, "cannot make a socket").At(name);
  auto link = std::make_unique<SocketLink>(socket, name, write_timeout_s);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return FromErrno(errno, "cannot connect to the policy server").At(name);
  }
  return std::unique_ptr<ServerLink>(std::move(link));
}

// Fails if the file is not there. REQUIRES: the spec is of a process.
Result<ServerAddress> AddressOf(const PolicySpec& spec) {
  QT_CHECK(spec.is_process(), spec.text);
  ServerAddress address;
  if (spec.kind == PolicyKind::kSocket) {
    address.socket_path = spec.place;
  } else if (spec.kind == PolicyKind::kCommand) {
    address.argv = {"/bin/sh", "-c", spec.place};
    address.framing = protocol::Framing::kNdjson;
  } else {
    const std::string& file = spec.place;
    if (::access(file.c_str(), F_OK) != 0) return NotFound("no such file or folder").At(file);
    // A name that starts with a dash must not be taken for a flag.
    address.argv = {ProgramBesideOurselves(kServerTool), (file.starts_with('-') ? "./" : "") + file,
                    "--stdio"};
  }
  return address;
}

Result<std::unique_ptr<ServerLink>> ServerLink::Open(const ServerAddress& address,
                                                     double write_timeout_s) {
  if (!address.socket_path.empty()) return Connect(address.socket_path, write_timeout_s);
  QT_ASSIGN(std::unique_ptr<ChildProcess> child,
            ChildProcess::Start(address.argv, write_timeout_s));
  return std::unique_ptr<ServerLink>(std::make_unique<ProcessLink>(std::move(child)));
}

// --- The protocol -----------------------------------------------------------------------------

using protocol::Framing;

constexpr double kEndPatience_s = 10;
constexpr double kAnswerPatience_s = 2;  // for an answer, once we are asked to stop
constexpr double kSlice_s = 0.1;         // of a wait, before it is seen whether we are
constexpr double kFirstPause_s = 0.002,
                 kLongestPause_s = 0.1;  // before a busy server is asked again

// The last line of a text; everything before it goes to `before`.
std::string LastLine(std::string text, std::string* before) {
  while (text.ends_with('\n')) text.pop_back();
  const size_t newline = text.rfind('\n');
  if (newline == std::string::npos) return text;
  *before = text.substr(0, newline);
  return text.substr(newline + 1);
}

bool SameCamera(const CameraModel& a, const CameraModel& b) {
  const auto numbers = [](const CameraModel& c) {
    return std::array<double, 13>{
        double(c.width_px), double(c.height_px), c.fx_px,       c.fy_px,    c.cx_px,    c.cy_px,
        c.X_WC.p_m[0],      c.X_WC.p_m[1],       c.X_WC.p_m[2], c.X_WC.q.w, c.X_WC.q.x, c.X_WC.q.y,
        c.X_WC.q.z};
  };
  return numbers(a) == numbers(b);
}

Clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

// The shared connection. One thread starts the process and reads its answers until it ends; askers
// write under a lock of their own and wait for theirs.
class RemoteServer::Connection {
 public:
  Connection(PolicySpec spec, RemoteOptions options)
      : spec_(std::move(spec)), options_(std::move(options)) {}
  ~Connection() { Shutdown(); }

  Status Start() {
    QT_ASSIGN(ServerAddress address, AddressOf(spec_));
    if (options_.cem) {
      if (spec_.kind != PolicyKind::kFile)
        return Usage("the search is the server's own").At(spec_.text);
      address.argv.insert(address.argv.end(), {"--cem", options_.cem->ToString()});
    }
    framing_ = address.framing;
    reader_ = std::thread([this, address] { Run(address); });
    std::unique_lock lock(mutex_);
    const auto until = Clock::now() + Seconds(options_.start_timeout_s);
    if (!Await(lock, until, 0, [this] { return hello_.has_value() || End(); })) {
      lock.unlock();
      Stop(SIGTERM);
      if (!StopRequested()) {
        return Failed("the policy server was not ready in time").At(spec_.text);
      }
      return Status(Code::kInterrupted, "interrupted while waiting for the policy server");
    }
    return hello_.has_value() ? Ok() : *end_;
  }

  // Sets the request's id and waits for its answer. A server that is busy is asked again.
  Result<protocol::ActAnswer> Ask(protocol::ActRequest& request) {
    const auto until = Clock::now() + Seconds(options_.answer_timeout_s);
    for (double pause_s = kFirstPause_s;; pause_s = std::min(2 * pause_s, kLongestPause_s)) {
      QT_ASSIGN(const protocol::Reply reply, AskOnce(request, until));
      const auto* error = std::get_if<protocol::WireError>(&reply);
      const bool busy = error != nullptr && error->code == protocol::WireErrorCode::kBusy;
      if (!busy || Clock::now() + Seconds(pause_s) > until) return FromReply(reply);
      std::this_thread::sleep_for(Seconds(pause_s));
    }
  }

  // Best effort: the server forgets the session anyway when we end.
  void EndSession(uint64_t session) {
    {
      const std::lock_guard lock(mutex_);
      if (End()) return;
    }
    const Status status = Send({protocol::Encode(framing_, protocol::EndSession{session}), {}});
    static_cast<void>(status.ok());
  }

  // Also if the server is only about to start.
  void Stop(int signal) {
    const std::lock_guard lock(write_mutex_);
    stop_signal_ = signal;
    if (link_ != nullptr) link_->Stop(signal);
  }

  void Shutdown() {
    closing_ = true;
    {
      const std::lock_guard lock(write_mutex_);
      if (link_ != nullptr) link_->CloseInput();
    }
    {
      std::unique_lock lock(mutex_);
      const bool ended = !reader_.joinable() ||
                         changed_.wait_for(lock, Seconds(kEndPatience_s), [this] { return End(); });
      lock.unlock();
      if (!ended) Stop(SIGKILL);
    }
    if (reader_.joinable()) reader_.join();
  }

  uint64_t NewSession() { return next_session_++; }
  const protocol::ServerHello& hello() const { return *hello_; }

 private:
  bool End() const { return end_.has_value(); }  // mutex_ is held

  Result<protocol::Reply> AskOnce(protocol::ActRequest& request, Clock::time_point until) {
    {
      const std::lock_guard lock(mutex_);
      if (End()) return *end_;
      request.id = next_id_++;
      pending_[request.id] = std::nullopt;
    }
    const Status written = Send(protocol::LayOut(framing_, request));
    std::unique_lock lock(mutex_);
    if (!written.ok() && written.code() != Code::kClosedPipe) Fail(written);
    const bool in_time = Await(lock, until, kAnswerPatience_s, [this, &request] {
      return pending_[request.id].has_value() || End();
    });
    std::optional<protocol::Reply> reply = std::move(pending_[request.id]);
    pending_.erase(request.id);
    if (reply) return std::move(*reply);
    if (!in_time) return Failed("the policy server did not answer in time").At(spec_.text);
    return *end_;
  }

  // Until `done`, or `until`, or `patience_s` after a stop was requested. Whether it is done.
  template <typename Done>
  bool Await(std::unique_lock<std::mutex>& lock, Clock::time_point until, double patience_s,
             const Done& done) {
    bool is_stopping = false;
    for (;;) {
      const auto now = Clock::now();
      if (StopRequested() && !std::exchange(is_stopping, true)) {
        until = std::min(until, now + Seconds(patience_s));
      }
      if (changed_.wait_until(lock, std::min(until, now + Seconds(kSlice_s)), done)) return true;
      if (Clock::now() >= until) return false;
    }
  }

  // REQUIRES: mutex_ is held. The first reason is kept.
  void Fail(Status status) {
    if (!end_) end_ = std::move(status);
    changed_.notify_all();
  }

  Status Send(const protocol::FrameParts& message) {
    const std::lock_guard lock(write_mutex_);
    QT_TRY(link_->Write(message.head));
    return message.image.empty() ? Ok() : link_->Write(message.image);
  }

  Result<protocol::ActAnswer> FromReply(const protocol::Reply& reply) const {
    if (const auto* answer = std::get_if<protocol::ActAnswer>(&reply)) return *answer;
    const auto& error = std::get<protocol::WireError>(reply);
    return Failed("the policy server refused the request: " + error.message + " (" +
                  ToString(error.code) + ")")
        .At(spec_.text);
  }

  // The reader thread.
  void Run(const ServerAddress& address) {
    Result<std::unique_ptr<ServerLink>> link = ServerLink::Open(address, options_.answer_timeout_s);
    if (!link.ok()) {
      const std::lock_guard lock(mutex_);
      return Fail(std::move(link).status());
    }
    {
      const std::lock_guard lock(write_mutex_);
      link_ = std::move(*link);
      if (closing_) link_->CloseInput();
      if (stop_signal_ != 0) link_->Stop(stop_signal_);
    }
    const protocol::ClientHello hello{protocol::kWireProtocol, options_.client};
    // A failure shows when reading.
    const Status sent = Send({protocol::Encode(framing_, hello), {}});
    Status why = sent.ok() || sent.code() == Code::kClosedPipe ? ReadAnswers() : sent;
    Finish(std::move(why));
  }

  // Until the server ends (ok) or says something that it must not say.
  Status ReadAnswers() {
    protocol::FrameReader frames(link_.get());
    for (;;) {
      QT_ASSIGN(const std::optional<protocol::Frame> frame, frames.Next());
      if (!frame) return Ok();
      QT_ASSIGN(protocol::Reply reply, protocol::DecodeReply(*frame));
      QT_TRY(Deliver(std::move(reply)));
    }
  }

  Status Deliver(protocol::Reply reply) {
    const std::lock_guard lock(mutex_);
    if (auto* hello = std::get_if<protocol::ServerHello>(&reply)) return TakeHello(*hello);
    std::optional<uint64_t> id;
    if (const auto* answer = std::get_if<protocol::ActAnswer>(&reply)) id = answer->id;
    if (const auto* error = std::get_if<protocol::WireError>(&reply)) {
      id = error->id;
      if (!id) return Failed("the policy server says: " + error->message);
    }
    const auto slot = pending_.find(*id);
    if (slot == pending_.end()) return Ok();  // too late: nobody waits for it any more
    slot->second = std::move(reply);
    changed_.notify_all();
    return Ok();
  }

  Status TakeHello(const protocol::ServerHello& hello) {
    if (hello.protocol != protocol::kWireProtocol) {
      return Failed("the policy server speaks protocol " + std::to_string(hello.protocol) +
                    ", not " + std::to_string(protocol::kWireProtocol));
    }
    if (!hello_) hello_ = hello;
    link_->NoteReady();
    changed_.notify_all();
    return Ok();
  }

  void Finish(Status why) {
    const bool broke_protocol = !why.ok();
    if (broke_protocol) link_->Stop(SIGTERM);
    const std::string how = link_->End(kEndPatience_s);
    const std::string held = link_->TakeLastWords();
    const std::lock_guard lock(mutex_);
    Fail(broke_protocol ? BrokenStatus(why) : EndStatus(how, held));
  }

  Status BrokenStatus(const Status& why) const {
    if (why.code() != Code::kCorrupt) return Failed(why.message()).At(spec_.text);
    return Failed("the policy server does not follow the protocol: " + why.message())
        .At(spec_.text);
  }

  // A server of ours that never became ready has already said what is wrong, in one sentence.
  Status EndStatus(const std::string& how, const std::string& held) const {
    if (hello_) return Failed("the policy server " + how).At(spec_.text);
    std::string before;
    const std::string line = LastLine(held, &before);
    if (!before.empty()) LogWarning(before);
    const std::string prefix = std::string(kServerTool) + ": ";
    if (line.starts_with(prefix)) return Failed(line.substr(prefix.size()));
    const std::string said = line.empty() ? "" : ": " + line;
    return Failed("the policy server " + how + " before it was ready" + said).At(spec_.text);
  }

  const PolicySpec spec_;
  const RemoteOptions options_;
  Framing framing_ = Framing::kBinary;
  std::atomic<uint64_t> next_session_{1};
  std::atomic<bool> closing_{false};

  std::mutex write_mutex_;            // never taken while mutex_ is held
  int stop_signal_ = 0;               // that the server gets, once it is there
  std::unique_ptr<ServerLink> link_;  // set once, by the reader thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<protocol::ServerHello> hello_;
  std::optional<Status> end_;  // why nothing more will be answered
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::optional<protocol::Reply>> pending_;

  std::thread reader_;
};

class RemoteServer::SessionPolicy : public Policy {
 public:
  explicit SessionPolicy(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)),
        session_(connection_->NewSession()),
        name_("model:" + connection_->hello().model_name),
        digest_(connection_->hello().digest) {}
  ~SessionPolicy() override {
    if (camera_) connection_->EndSession(session_);
  }

  void StartEpisode(uint64_t seed) override { seed_ = seed; }

  Result<Decision> Act(const Observation& observation) override {
    QT_ASSIGN(const protocol::ActAnswer answer, Ask(observation, std::nullopt));
    return Decision{answer.action, answer.q_value, answer.spread, answer.source};
  }

  Result<float> ValueOf(const Observation& observation, const Action& action) override {
    QT_ASSIGN(const protocol::ActAnswer answer, Ask(observation, action));
    // A server that does not know the question answers with an action of its own.
    if (answer.action.ToArray() == action.ToArray() && std::isfinite(answer.q_value)) {
      return answer.q_value;
    }
    return Failed("the policy server does not say what Q a given action has");
  }

  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  Result<protocol::ActAnswer> Ask(const Observation& observation,
                                  const std::optional<Action>& action) {
    protocol::ActRequest request;
    request.session = session_;
    request.action = action;
    request.seed = seed_;
    request.observation = observation;
    request.has_camera =
        observation.camera.valid() && !(camera_ && SameCamera(*camera_, observation.camera));
    QT_ASSIGN(protocol::ActAnswer answer, connection_->Ask(request));
    if (request.has_camera) camera_ = observation.camera;
    if (!answer.digest.empty()) digest_ = answer.digest;
    return answer;
  }

  std::shared_ptr<Connection> connection_;
  uint64_t session_;
  uint64_t seed_ = 0;
  std::optional<CameraModel> camera_;  // what the server knows
  std::string name_, digest_;
};

Result<std::unique_ptr<RemoteServer>> RemoteServer::Start(const PolicySpec& spec,
                                                          const RemoteOptions& options) {
  auto connection = std::make_shared<Connection>(spec, options);
  QT_TRY(connection->Start());
  return std::unique_ptr<RemoteServer>(new RemoteServer(std::move(connection)));
}

RemoteServer::RemoteServer(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
RemoteServer::~RemoteServer() { connection_->Shutdown(); }

const protocol::ServerHello& RemoteServer::hello() const { return connection_->hello(); }

std::unique_ptr<Policy> RemoteServer::NewPolicy() {
  return std::make_unique<SessionPolicy>(connection_);
}

Result<std::unique_ptr<RemoteServer>> StartServer(const PolicySpec& spec) {
  return RemoteServer::Start(spec);
}

}  // namespace qt::policy
