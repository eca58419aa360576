// SPDX-License-Identifier: Apache-2.0
// Fuzzes the decoders of the messages of an episode file. The first byte chooses the message. What
// a decoder accepts must, once encoded, decode and encode to the same bytes again.
#include <array>
#include <functional>

#include "base/check.h"
#include "episodes/episode_messages.h"

namespace qt::episodes {
namespace {

// Decodes and encodes again; nothing if the body is refused.
using Recoder = Bytes (*)(ByteSpan);

Bytes RecodeEpisode(ByteSpan body) {
  Bytes out;
  if (const auto episode = DecodeEpisode(body); episode.ok()) EncodeEpisode(*episode, &out);
  return out;
}

Bytes RecodeStep(ByteSpan body) {
  Bytes out;
  const auto message = DecodeStep(body);
  if (message.ok()) EncodeStep(message->episode_id, message->step, false, false, &out);
  return out;
}

Bytes RecodeOutcome(ByteSpan body) {
  const auto message = DecodeOutcome(body);
  if (!message.ok()) return {};
  Episode episode;
  episode.id = message->episode_id;
  episode.end_reason = message->end_reason;
  episode.final_gripper = message->final_gripper;
  Bytes out;
  EncodeOutcome(episode, 0, message->content_hash, &out);
  return out;
}

Bytes RecodeLabel(ByteSpan body) {
  Bytes out;
  const auto message = DecodeLabel(body);
  if (message.ok()) EncodeLabel(message->episode_id, message->label, 0, 0, &out);
  return out;
}

Bytes RecodeImage(const Result<ImageMessage>& message) {
  Bytes out;
  if (message.ok()) EncodeImage(message->image, message->stamp_ns, message->frame_id, &out);
  return out;
}
Bytes RecodeCompressedImage(ByteSpan body) { return RecodeImage(DecodeCompressedImage(body)); }
Bytes RecodeRawImage(ByteSpan body) { return RecodeImage(DecodeRawImage(body)); }

Bytes RecodeCameraInfo(ByteSpan body) {
  CameraModel camera;
  Bytes out;
  if (DecodeCameraInfo(body, &camera).ok()) EncodeCameraInfo(camera, 0, &out);
  return out;
}

Bytes RecodeCameraPose(ByteSpan body) {
  Pose X_WC;
  const Result<bool> found = DecodeCameraPose(body, &X_WC);
  Bytes out;
  if (found.ok() && *found) EncodeCameraPose(X_WC, 0, &out);
  return out;
}

constexpr std::array<Recoder, 8> kRecoders = {
    RecodeEpisode,         RecodeStep,     RecodeOutcome,    RecodeLabel,
    RecodeCompressedImage, RecodeRawImage, RecodeCameraInfo, RecodeCameraPose};

void Recode(uint8_t message, ByteSpan body) {
  const Recoder recode = kRecoders[message % kRecoders.size()];
  const Bytes once = recode(body);
  if (once.empty()) return;
  const Bytes twice = recode(once);
  QT_ASSERT(!twice.empty());
  QT_ASSERT(recode(twice) == twice);
}

}  // namespace
}  // namespace qt::episodes

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) qt::episodes::Recode(data[0], {data + 1, size - 1});
  return 0;
}
