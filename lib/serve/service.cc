// SPDX-License-Identifier: Apache-2.0
#include "serve/service.h"

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/number_text.h"
#include "json/mdp_json.h"
#include "policy/greedy.h"

namespace qt::serve {
namespace {

using protocol::WireError;
using protocol::WireErrorCode;

constexpr double kNewTimeShare = 0.1;  // of typical_ms_
constexpr std::chrono::milliseconds kStopInterval(50);

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string Text(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g ms", ms);
  return text;
}

// A library that throws must not take the server down with it.
// If `action` is given, only its Q is computed, without a search.
Result<Decision> ActSafely(Policy& policy, uint64_t seed, const Observation& observation,
                           const std::optional<Action>& action = std::nullopt) {
  try {
    policy.StartEpisode(seed);
    if (!action) return policy.Act(observation);
    QT_ASSIGN(const float q_value, policy.ValueOf(observation, *action));
    return Decision{.action = *action, .q_value = q_value};
  } catch (const std::exception& error) {
    return Failed(std::string("the policy failed: ") + error.what());
  }
}

WireError Late(const protocol::ActRequest& request, const std::string& what) {
  return {request.id, WireErrorCode::kDeadline,
          what + ", and the deadline is " + Text(*request.deadline_ms)};
}

WireError FailureOf(const protocol::ActRequest& request, const Status& status) {
  const bool bad_image = status.code() == Code::kCorrupt;
  return {request.id, bad_image ? WireErrorCode::kBadImage : WireErrorCode::kInternal,
          status.ToString()};
}

// Why a request that has waited so long is not worth computing.
std::optional<WireError> Overdue(const protocol::ActRequest& request, double wait_ms,
                                 double max_delay_ms) {
  if (request.deadline_ms && wait_ms >= *request.deadline_ms) {
    return Late(request, "the request waited " + Text(wait_ms));
  }
  if (wait_ms <= max_delay_ms) return std::nullopt;
  return WireError{request.id, WireErrorCode::kBusy,
                   "the request waited " + Text(wait_ms) + ", more than the server allows"};
}

}  // namespace

PolicyFactory GreedyFactory(std::shared_ptr<const QFunction> q_function, const CemConfig& cem,
                            const TaskConfig& task, std::string name, std::string digest) {
  return [=]() -> Result<std::unique_ptr<Policy>> {
    return std::unique_ptr<Policy>(
        std::make_unique<policy::GreedyPolicy>(q_function, cem, task, name, digest));
  };
}

Observation WarmUpObservation(const protocol::ServerHello& hello) {
  Observation observation;
  observation.image.encoding = ImageEncoding::kRgb8;
  observation.image.width_px = hello.image_width_px;
  observation.image.height_px = hello.image_height_px;
  observation.image.bytes = Bytes(RgbBytes(hello.image_width_px, hello.image_height_px), 128);
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

PolicyPool::PolicyPool(const PoolConfig& config, uint64_t model_step)
    : config_(config), model_step_(model_step) {}

Result<std::unique_ptr<PolicyPool>> PolicyPool::Create(const ServedModel& model,
                                                       const PoolConfig& config) {
  QT_CHECK(config.num_threads > 0 && config.max_waiting > 0, config.num_threads,
           config.max_waiting);
  const Observation warm_up = WarmUpObservation(model.hello);
  std::unique_ptr<PolicyPool> pool(new PolicyPool(config, model.hello.model_step));
  for (int i = 0; i < config.num_threads; ++i) {
    QT_TRY(pool->threads_.Start(
        [pool = pool.get(), factory = model.factory, warm_up] { pool->Start(factory, warm_up); }));
  }
  std::unique_lock lock(pool->mutex_);
  const auto is_ready = [&] { return pool->num_ready_ == config.num_threads; };
  while (!pool->changed_.wait_for(lock, kStopInterval, is_ready)) {
    if (!StopRequested()) continue;
    // A library may have hung in there, so nobody waits for these threads; they end with us.
    lock.unlock();
    static_cast<void>(pool.release());
    return Status(Code::kInterrupted, "interrupted while warming up");
  }
  const Status failure = pool->failure_;
  lock.unlock();
  if (!failure.ok()) return failure;
  return pool;
}

PolicyPool::~PolicyPool() = default;

void PolicyPool::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
}

void PolicyPool::Submit(protocol::ActRequest request, Done done) {
  const auto arrived = Clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.size() < config_.max_waiting; });
  jobs_.push_back(
      {std::move(request), std::move(done), arrived, std::numeric_limits<double>::infinity()});
  lock.unlock();
  changed_.notify_all();
}

void PolicyPool::SubmitOrRefuse(protocol::ActRequest request, Done done) {
  std::unique_lock lock(mutex_);
  if (const auto refusal = RefusalOf(request)) {
    lock.unlock();
    Outcome outcome = *refusal;
    return done(outcome);
  }
  jobs_.push_back({std::move(request), std::move(done), Clock::now(), config_.max_delay_ms});
  lock.unlock();
  changed_.notify_all();
}

// REQUIRES: mutex_ is held.
std::optional<WireError> PolicyPool::RefusalOf(const protocol::ActRequest& request) const {
  const double wait_ms = ExpectedWait_ms();
  if (jobs_.size() >= config_.max_waiting || wait_ms > config_.max_delay_ms) {
    return WireError{request.id, WireErrorCode::kBusy,
                     std::to_string(jobs_.size()) + " requests wait already"};
  }
  if (wait_ms == 0 || !request.deadline_ms || wait_ms + typical_ms_ <= *request.deadline_ms) {
    return std::nullopt;
  }
  return Late(request, "an answer takes about " + Text(wait_ms + typical_ms_));
}

// The wait that a request would have that came now. It is 0 while a thread is free, so that an
// estimate that has become wrong refuses nothing for long.
double PolicyPool::ExpectedWait_ms() const {
  const size_t free = static_cast<size_t>(config_.num_threads - num_busy_);
  if (jobs_.size() < free) return 0;
  const double ahead = static_cast<double>(jobs_.size() - free + 1);
  return ahead * typical_ms_ / config_.num_threads;
}

size_t PolicyPool::num_waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void PolicyPool::Start(const PolicyFactory& factory, const Observation& warm_up) {
  Result<std::unique_ptr<Policy>> policy = factory();
  Status status = policy.status();
  if (status.ok()) status = ActSafely(**policy, 0, warm_up).status();
  const bool ready = status.ok();
  {
    const std::lock_guard lock(mutex_);
    ++num_ready_;
    if (!ready && failure_.ok()) failure_ = std::move(status);
  }
  changed_.notify_all();
  if (ready) Work(**policy);
}

void PolicyPool::Work(Policy& policy) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++num_busy_;
    lock.unlock();
    changed_.notify_all();
    Outcome outcome = AnswerSafely(policy, job);
    lock.lock();
    --num_busy_;
    lock.unlock();
    job.done(outcome);
  }
}

Outcome PolicyPool::AnswerSafely(Policy& policy, const Job& job) {
  try {
    return Answer(policy, job);
  } catch (const std::exception&) {
    return WireError{job.request.id, WireErrorCode::kInternal, "out of memory"};
  }
}

Outcome PolicyPool::Answer(Policy& policy, const Job& job) {
  const protocol::ActRequest& request = job.request;
  const auto start = Clock::now();
  const double wait_ms = Milliseconds(start - job.arrived);
  if (const auto refusal = Overdue(request, wait_ms, job.max_delay_ms)) return *refusal;
  const Result<Decision> decision =
      ActSafely(policy, request.seed, request.observation, request.action);
  const double compute_ms = Milliseconds(Clock::now() - start);
  if (!decision.ok()) return FailureOf(request, decision.status());
  NoteTime(compute_ms);
  if (request.deadline_ms && wait_ms + compute_ms > *request.deadline_ms) {
    return Late(request, "the answer took " + Text(wait_ms + compute_ms));
  }
  protocol::ActAnswer answer;
  answer.id = request.id;
  answer.action = decision->action;
  answer.q_value = decision->q_value;
  answer.spread = decision->spread;
  answer.source = decision->source;
  answer.digest = policy.digest();
  answer.model_step = model_step_;
  answer.wait_ms = wait_ms;
  answer.compute_ms = compute_ms;
  return answer;
}

void PolicyPool::NoteTime(double compute_ms) {
  const std::lock_guard lock(mutex_);
  if (typical_ms_ == 0) typical_ms_ = compute_ms;
  typical_ms_ += kNewTimeShare * (compute_ms - typical_ms_);
}

namespace {

using Clock = std::chrono::steady_clock;
using protocol::WireError;
using protocol::WireErrorCode;

}  // namespace

Service::Service(const PoolConfig& config, protocol::ServerHello shape)
    : config_(config), shape_(std::move(shape)) {}

Result<std::shared_ptr<Service::Serving>> Service::Warm(const ServedModel& model,
                                                        const PoolConfig& config) {
  auto serving = std::make_shared<Serving>();
  serving->hello = model.hello;
  QT_ASSIGN(serving->pool, PolicyPool::Create(model, config));
  return serving;
}

Result<std::unique_ptr<Service>> Service::Create(const ServedModel& model,
                                                 const PoolConfig& config) {
  std::unique_ptr<Service> service(new Service(config, model.hello));
  QT_ASSIGN(service->serving_, Warm(model, config));
  return service;
}

std::shared_ptr<Service::Serving> Service::serving() const {
  const std::lock_guard lock(mutex_);
  return serving_;
}

protocol::ServerHello Service::hello() const { return serving()->hello; }

Status Service::CheckShape(const protocol::ServerHello& hello) const {
  if (hello.image_width_px != shape_.image_width_px ||
      hello.image_height_px != shape_.image_height_px) {
    return Failed("the new model needs images of " +
                  SizeText(hello.image_width_px, hello.image_height_px) + ", the clients send " +
                  SizeText(shape_.image_width_px, shape_.image_height_px));
  }
  if (hello.needs_camera && !shape_.needs_camera) {
    return Failed("the new model needs a camera, which the clients need not send");
  }
  if (json::ToJson(hello.task) != json::ToJson(shape_.task)) {
    return Failed("the new model has learned another task than the clients were told");
  }
  return Ok();
}

Status Service::Replace(const ServedModel& model) {
  Status status = CheckShape(model.hello);
  Result<std::shared_ptr<Serving>> warm =
      status.ok() ? Warm(model, config_) : Result<std::shared_ptr<Serving>>(status);
  if (!warm.ok()) return std::move(warm).status();
  std::unique_lock lock(mutex_);
  std::swap(serving_, *warm);
  lock.unlock();
  return Ok();  // the old pool answers what it has and ends, here or in who submits to it just now
}

std::optional<WireError> Service::Unfit(const protocol::ActRequest& request) const {
  const auto error = [&request](WireErrorCode code, std::string message) {
    return WireError{request.id, code, std::move(message)};
  };
  const EncodedImage& image = request.observation.image;
  const CameraModel& camera = request.observation.camera;
  if (image.width_px != shape_.image_width_px || image.height_px != shape_.image_height_px) {
    return error(WireErrorCode::kBadImage,
                 "the image is " + SizeText(image.width_px, image.height_px) +
                     ", the model needs " +
                     SizeText(shape_.image_width_px, shape_.image_height_px));
  }
  if (!camera.valid()) {
    if (!shape_.needs_camera) return std::nullopt;
    return error(WireErrorCode::kNeedsCamera,
                 "the model needs a camera, and none has been sent yet");
  }
  if (camera.width_px != image.width_px || camera.height_px != image.height_px) {
    return error(WireErrorCode::kBadRequest, "the camera's size is not the image's");
  }
  return std::nullopt;
}

void Service::Submit(protocol::ActRequest request, WhenFull when_full, PolicyPool::Done done) {
  // The callback must not own the pool, whose threads call it.
  const auto counted = [this, done = std::move(done), start = Clock::now()](Outcome& outcome) {
    metrics_.Count(outcome, std::chrono::duration<double>(Clock::now() - start).count());
    done(outcome);
  };
  const std::shared_ptr<Serving> now = serving();
  if (when_full == WhenFull::kWait) return now->pool->Submit(std::move(request), counted);
  now->pool->SubmitOrRefuse(std::move(request), counted);
}

std::string Service::MetricsText() const {
  const std::shared_ptr<Serving> now = serving();
  return metrics_.Text({ready_, now->pool->num_waiting(), now->hello});
}

}  // namespace qt::serve
