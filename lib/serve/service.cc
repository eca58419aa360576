#include "serve/service.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/number_text.h"
#include "json/mdp_json.h"

namespace qt::serve {
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
