#include "policy/remote.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/child_process.h"
#include "base/log.h"

namespace qt::policy {
namespace {

using record::Framing;

constexpr char kExecPrefix[] = "exec:";
constexpr char kServerTool[] = "qt-serve";
constexpr double kEndPatience_s = 10;

std::string BesideOurselves(const std::string& tool) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string path = (self.parent_path() / tool).string();
  return !error && ::access(path.c_str(), X_OK) == 0 ? path : tool;
}

// What to run for a spec, and how to speak to it.
struct ServerCommand {
  std::vector<std::string> argv;
  Framing framing = Framing::kBinary;
};

Result<ServerCommand> ParseSpec(const std::string& spec) {
  if (spec.starts_with(kExecPrefix)) {
    const std::string command = spec.substr(sizeof kExecPrefix - 1);
    if (command.empty()) return Usage("exec: names no command");
    return ServerCommand{{"/bin/sh", "-c", command}, Framing::kNdjson};
  }
  if (!spec.ends_with(".safetensors")) {
    return Usage("'" + spec + "' is neither a .safetensors file nor exec:COMMAND");
  }
  if (::access(spec.c_str(), F_OK) != 0) return NotFound("no such file or folder").At(spec);
  // A name that starts with a dash must not be taken for a flag.
  const std::string file = spec.starts_with('-') ? "./" + spec : spec;
  return ServerCommand{{BesideOurselves(kServerTool), file, "--stdio"}, Framing::kBinary};
}

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

std::chrono::duration<double> Seconds(double seconds) {
  return std::chrono::duration<double>(seconds);
}

}  // namespace

// The shared connection. One thread starts the process and reads its answers until it ends; askers
// write under a lock of their own and wait for theirs.
class RemoteServer::Connection {
 public:
  Connection(std::string spec, RemoteOptions options)
      : spec_(std::move(spec)), options_(std::move(options)) {}
  ~Connection() { Shutdown(); }

  Status Start() {
    QT_ASSIGN(const ServerCommand command, ParseSpec(spec_));
    framing_ = command.framing;
    // The process is bound to the thread that starts it; this one lives as long as the connection.
    reader_ = std::thread([this, argv = command.argv] { Run(argv); });
    std::unique_lock lock(mutex_);
    const bool in_time = changed_.wait_for(lock, Seconds(options_.start_timeout_s),
                                           [this] { return hello_.has_value() || End(); });
    if (!in_time) return Failed("the policy server was not ready in time").At(spec_);
    return hello_.has_value() ? Ok() : *end_;
  }

  // Sets the request's id and waits for its answer.
  Result<record::ActAnswer> Ask(record::ActRequest& request) {
    {
      const std::lock_guard lock(mutex_);
      if (End()) return *end_;
      request.id = next_id_++;
      pending_[request.id] = std::nullopt;
    }
    const Status written = Send(record::Encode(framing_, request));
    std::unique_lock lock(mutex_);
    if (!written.ok() && written.code() != Code::kClosedPipe) Fail(written);
    const bool in_time =
        changed_.wait_for(lock, Seconds(options_.answer_timeout_s),
                          [this, &request] { return pending_[request.id].has_value() || End(); });
    const std::optional<record::Reply> reply = std::move(pending_[request.id]);
    pending_.erase(request.id);
    if (reply) return FromReply(*reply);
    if (!in_time) return Failed("the policy server did not answer in time").At(spec_);
    return *end_;
  }

  // Best effort: the server forgets the session anyway when we end.
  void EndSession(uint64_t session) {
    {
      const std::lock_guard lock(mutex_);
      if (End()) return;
    }
    const Status status = Send(record::Encode(framing_, record::EndSession{session}));
    static_cast<void>(status.ok());
  }

  void Shutdown() {
    closing_ = true;
    ChildProcess* child;
    {
      const std::lock_guard lock(write_mutex_);
      child = child_.get();
      if (child != nullptr) child->CloseInput();
    }
    {
      std::unique_lock lock(mutex_);
      const bool ended = !reader_.joinable() ||
                         changed_.wait_for(lock, Seconds(kEndPatience_s), [this] { return End(); });
      if (!ended && child != nullptr) child->Signal(SIGKILL);
    }
    if (reader_.joinable()) reader_.join();
  }

  uint64_t NewSession() { return next_session_++; }
  const record::ServerHello& hello() const { return *hello_; }

 private:
  bool End() const { return end_.has_value(); }  // mutex_ is held

  // REQUIRES: mutex_ is held. The first reason is kept.
  void Fail(Status status) {
    if (!end_) end_ = std::move(status);
    changed_.notify_all();
  }

  Status Send(const Bytes& bytes) {
    const std::lock_guard lock(write_mutex_);
    return child_->Write(bytes);
  }

  Result<record::ActAnswer> FromReply(const record::Reply& reply) const {
    if (const auto* answer = std::get_if<record::ActAnswer>(&reply)) return *answer;
    const auto& error = std::get<record::WireError>(reply);
    return Failed("the policy server refused the request: " + error.message + " (" +
                  ToString(error.code) + ")")
        .At(spec_);
  }

  // The reader thread.
  void Run(const std::vector<std::string>& argv) {
    Result<std::unique_ptr<ChildProcess>> child =
        ChildProcess::Start(argv, options_.answer_timeout_s);
    if (!child.ok()) {
      const std::lock_guard lock(mutex_);
      return Fail(std::move(child).status());
    }
    {
      const std::lock_guard lock(write_mutex_);
      child_ = std::move(*child);
      if (closing_) child_->CloseInput();
    }
    const record::ClientHello hello{record::kWireProtocol, options_.client};
    const Status sent = Send(record::Encode(framing_, hello));  // a failure shows when reading
    Status why = sent.ok() || sent.code() == Code::kClosedPipe ? ReadAnswers() : sent;
    Finish(std::move(why));
  }

  // Until the server ends (ok) or says something that it must not say.
  Status ReadAnswers() {
    record::FrameReader frames(child_.get());
    for (;;) {
      QT_ASSIGN(const std::optional<record::Frame> frame, frames.Next());
      if (!frame) return Ok();
      QT_ASSIGN(record::Reply reply, record::DecodeReply(*frame));
      QT_TRY(Deliver(std::move(reply)));
    }
  }

  Status Deliver(record::Reply reply) {
    const std::lock_guard lock(mutex_);
    if (auto* hello = std::get_if<record::ServerHello>(&reply)) return TakeHello(*hello);
    std::optional<uint64_t> id;
    if (const auto* answer = std::get_if<record::ActAnswer>(&reply)) id = answer->id;
    if (const auto* error = std::get_if<record::WireError>(&reply)) {
      id = error->id;
      if (!id) return Failed("the policy server says: " + error->message);
    }
    const auto slot = pending_.find(*id);
    if (slot == pending_.end()) return Ok();  // too late: nobody waits for it any more
    slot->second = std::move(reply);
    changed_.notify_all();
    return Ok();
  }

  Status TakeHello(const record::ServerHello& hello) {
    if (hello.protocol != record::kWireProtocol) {
      return Failed("the policy server speaks protocol " + std::to_string(hello.protocol) +
                    ", not " + std::to_string(record::kWireProtocol));
    }
    if (!hello_) hello_ = hello;
    child_->ReleaseStderr();
    changed_.notify_all();
    return Ok();
  }

  void Finish(Status why) {
    const bool broke_protocol = !why.ok();
    if (broke_protocol) child_->Signal(SIGTERM);
    const std::string how = child_->End(kEndPatience_s);
    const std::string held = child_->TakeHeldStderr();
    const std::lock_guard lock(mutex_);
    Fail(broke_protocol ? BrokenStatus(why) : EndStatus(how, held));
  }

  Status BrokenStatus(const Status& why) const {
    if (why.code() != Code::kCorrupt) return Failed(why.message()).At(spec_);
    return Failed("the policy server does not follow the protocol: " + why.message()).At(spec_);
  }

  // A server of ours that never became ready has already said what is wrong, in one sentence.
  Status EndStatus(const std::string& how, const std::string& held) const {
    if (hello_) return Failed("the policy server " + how).At(spec_);
    std::string before;
    const std::string line = LastLine(held, &before);
    if (!before.empty()) LogWarning(before);
    const std::string prefix = std::string(kServerTool) + ": ";
    if (line.starts_with(prefix)) return Failed(line.substr(prefix.size()));
    const std::string said = line.empty() ? "" : ": " + line;
    return Failed("the policy server " + how + " before it was ready" + said).At(spec_);
  }

  const std::string spec_;
  const RemoteOptions options_;
  Framing framing_ = Framing::kBinary;
  std::atomic<uint64_t> next_session_{1};
  std::atomic<bool> closing_{false};

  std::mutex write_mutex_;               // never taken while mutex_ is held
  std::unique_ptr<ChildProcess> child_;  // set once, by the reader thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<record::ServerHello> hello_;
  std::optional<Status> end_;  // why nothing more will be answered
  uint64_t next_id_ = 1;
  std::map<uint64_t, std::optional<record::Reply>> pending_;

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
    record::ActRequest request;
    request.session = session_;
    request.seed = seed_;
    request.observation = observation;
    request.has_camera =
        observation.camera.valid() && !(camera_ && SameCamera(*camera_, observation.camera));
    QT_ASSIGN(const record::ActAnswer answer, connection_->Ask(request));
    if (request.has_camera) camera_ = observation.camera;
    if (!answer.digest.empty()) digest_ = answer.digest;
    return Decision{answer.action, answer.q_value, answer.spread, answer.source};
  }

  const std::string& name() const override { return name_; }
  const std::string& digest() const override { return digest_; }

 private:
  std::shared_ptr<Connection> connection_;
  uint64_t session_;
  uint64_t seed_ = 0;
  std::optional<CameraModel> camera_;  // what the server knows
  std::string name_, digest_;
};

Result<std::unique_ptr<RemoteServer>> RemoteServer::Start(const std::string& spec,
                                                          const RemoteOptions& options) {
  auto connection = std::make_shared<Connection>(spec, options);
  QT_TRY(connection->Start());
  return std::unique_ptr<RemoteServer>(new RemoteServer(std::move(connection)));
}

RemoteServer::RemoteServer(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
RemoteServer::~RemoteServer() { connection_->Shutdown(); }

const record::ServerHello& RemoteServer::hello() const { return connection_->hello(); }

std::unique_ptr<Policy> RemoteServer::NewPolicy() {
  return std::make_unique<SessionPolicy>(connection_);
}

Result<std::unique_ptr<RemoteServer>> StartServer(const std::string& spec) {
  return RemoteServer::Start(spec);
}

}  // namespace qt::policy
