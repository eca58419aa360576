// SPDX-License-Identifier: Apache-2.0
// Fuzzes the policy protocol: the framing, both decoders, and a server's connection over a
// closed-form policy. What is accepted must be the same after it was encoded in either framing.
#include <memory>
#include <variant>

#include "base/check.h"
#include "fuzz_frames.h"
#include "serve/connection.h"
#include "support/fake_q_function.h"
#include "support/memory_stream.h"

namespace qt::serve {
namespace {

using fuzz::kFramings;
using fuzz::Reframe;
using protocol::Framing;

void CheckRequest(const protocol::Frame& frame) {
  const protocol::Request request = protocol::DecodeRequest(frame);
  const auto check = [](const auto& message) {
    using Message = std::decay_t<decltype(message)>;
    if constexpr (!std::is_same_v<Message, protocol::WireError>) {
      for (Framing framing : kFramings) {
        const Bytes encoded = protocol::Encode(framing, message);
        const protocol::Request again = protocol::DecodeRequest(Reframe(encoded));
        QT_ASSERT(std::holds_alternative<Message>(again));
        QT_ASSERT(protocol::Encode(framing, std::get<Message>(again)) == encoded);
      }
    }
  };
  std::visit(check, request);
}

void CheckReply(const protocol::Frame& frame) {
  const Result<protocol::Reply> reply = protocol::DecodeReply(frame);
  if (!reply.ok()) return;
  const auto check = [](const auto& message) {
    for (Framing framing : kFramings) {
      const Bytes encoded = protocol::Encode(framing, message);
      const Result<protocol::Reply> again = protocol::DecodeReply(Reframe(encoded));
      QT_ASSERT(again.ok());
      const auto encode = [framing](const auto& same) { return protocol::Encode(framing, same); };
      QT_ASSERT(std::visit(encode, *again) == encoded);
    }
  };
  std::visit(check, *reply);
}

void CheckFrame(const protocol::Frame& frame) {
  CheckRequest(frame);
  CheckReply(frame);
}

// Far from 0 for no action, so that every candidate is looked at.
float Score(const Observation& observation, const Action& action) {
  return 0.5f + 0.01f * (action.dx_m + observation.gripper.x_m > 0 ? 1.0f : 0.0f);
}

std::unique_ptr<Service> MakeService() {
  ServedModel model;
  model.hello.server = "fuzz";
  model.hello.image_width_px = model.hello.image_height_px = 4;
  CemConfig cem;
  cem.num_samples = 4;
  cem.num_elites = 2;
  model.factory = GreedyFactory(std::make_shared<test::FakeQFunction>(Score), cem, TaskConfig(),
                                "fuzz", "digest");
  auto service = Service::Create(model, {.num_threads = 1, .max_waiting = 4});
  QT_ASSERT(service.ok());
  return std::move(service).value();
}

// Every request that is framed gets an answer or an error, and every answer can be read.
void CheckConnection(const Bytes& input) {
  static Service& service = *MakeService().release();  // its threads outlive main
  MemorySource in(input);
  MemorySink out;
  ConnectionStats stats;
  const Status status = ServeConnection({.max_sessions = 2}, service, in, out, &stats);
  QT_ASSERT(status.ok() || status.code() == Code::kCorrupt);
  const uint64_t num_replies = fuzz::ForEachAnswer(
      out.contents(),
      [](const protocol::Frame& frame) { QT_ASSERT(protocol::DecodeReply(frame).ok()); });
  QT_ASSERT(num_replies >= stats.answers + stats.errors);
}

}  // namespace
}  // namespace qt::serve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const qt::Bytes input(data, data + size);
  qt::fuzz::ForEachFrame(input, qt::serve::CheckFrame);
  qt::serve::CheckConnection(input);
  return 0;
}
