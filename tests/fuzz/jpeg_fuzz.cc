// SPDX-License-Identifier: Apache-2.0
// Fuzzes the pictures that a server takes: whatever the bytes of a JPEG are, the client gets an
// action or bad_image, soon, and the next request is answered.
#include <chrono>
#include <memory>
#include <variant>

#include "base/check.h"
#include "image/image.h"
#include "serve/connection.h"
#include "support/memory_stream.h"

namespace qt::serve {
namespace {

constexpr int kSide_px = 64;
constexpr double kLongest_s = 5;  // with sanitizers, on a busy machine

// Looks at the picture as a network does: all of it.
class PictureQ : public QFunction {
 public:
  struct State : EmbeddedState {
    float shade = 0;
  };
  Result<std::unique_ptr<EmbeddedState>> EmbedImage(const RgbView& image,
                                                    const ObservedState&) const override {
    QT_ASSERT(image.rgb_HWC.size() == size_t{3} * kSide_px * kSide_px);
    auto state = std::make_unique<State>();
    for (uint8_t value : image.rgb_HWC) state->shade += static_cast<float>(value);
    return std::unique_ptr<EmbeddedState>(std::move(state));
  }
  void Score(const EmbeddedState& state, std::span<const Action> actions,
             std::span<float> q) const override {
    const float shade = static_cast<const State&>(state).shade;
    for (size_t i = 0; i < actions.size(); ++i) q[i] = shade > 0 ? actions[i].dx_m : 0.5f;
  }
};

std::unique_ptr<Service> MakeService() {
  ServedModel model;
  model.hello.server = "fuzz";
  model.hello.image_width_px = model.hello.image_height_px = kSide_px;
  CemConfig cem;
  cem.num_samples = 4;
  cem.num_elites = 2;
  model.factory = GreedyFactory(std::make_shared<PictureQ>(), cem, TaskConfig(), "fuzz", "digest");
  return std::move(Service::Create(model, {.num_threads = 1, .max_waiting = 4})).value();
}

protocol::ActRequest RequestWith(uint64_t id, ImageEncoding encoding, Bytes bytes) {
  protocol::ActRequest request;
  request.id = id;
  request.observation.image = {encoding, kSide_px, kSide_px, std::move(bytes)};
  return request;
}

void CheckPicture(const Bytes& input) {
  static Service& service = *MakeService().release();  // its threads outlive main
  const auto start = std::chrono::steady_clock::now();
  Bytes requests =
      protocol::Encode(protocol::Framing::kBinary, RequestWith(1, ImageEncoding::kJpeg, input));
  const Bytes plain = protocol::Encode(
      protocol::Framing::kBinary,
      RequestWith(2, ImageEncoding::kRgb8, Bytes(size_t{3} * kSide_px * kSide_px, 9)));
  requests.insert(requests.end(), plain.begin(), plain.end());
  MemorySource in(requests);
  MemorySink out;
  ConnectionStats stats;
  QT_ASSERT(ServeConnection({}, service, in, out, &stats).ok());
  MemorySource replies(out.contents());
  protocol::FrameReader reader(&replies);
  for (uint64_t id = 1; id <= 2; ++id) {
    const auto frame = reader.Next();
    QT_ASSERT(frame.ok() && *frame);
    const Result<protocol::Reply> reply = protocol::DecodeReply(**frame);
    QT_ASSERT(reply.ok());
    const auto* error = std::get_if<protocol::WireError>(&*reply);
    QT_ASSERT(error == nullptr || (id == 1 && error->code == protocol::WireErrorCode::kBadImage));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  QT_ASSERT(took.count() < kLongest_s);
}

}  // namespace
}  // namespace qt::serve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;  // no picture at all is refused before it is looked at
  qt::serve::CheckPicture(qt::Bytes(data, data + size));
  return 0;
}
