// SPDX-License-Identifier: Apache-2.0
// The messages of an episode file as structs, and their CDR bodies (formats/episode/SPEC.md,
// section 3). Encoding appends to a buffer; decoding checks everything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/status.h"
#include "mdp/episode.h"

namespace qt::episodes {

inline constexpr size_t kMaxSteps = 100'000;
inline constexpr int kMaxImageSide_px = 16'384;
inline constexpr int64_t kMaxStamp_ns =
    int64_t{INT32_MAX} * 1'000'000'000 + 999'999'999;  // Time has 32 bits of seconds
inline constexpr char kCameraFrame[] = "camera";
inline constexpr char kWorldFrame[] = "world";

// A message names its episode by id; the rest of it is one of mdp's structs.
struct StepMessage {
  std::string_view episode_id;  // in the body that it was decoded from
  Step step;                    // without image and camera
};
struct OutcomeMessage {
  int64_t stamp_ns = 0;
  std::string episode_id;
  uint32_t steps = 0;
  EndReason end_reason = EndReason::kUnknown;
  GripperState final_gripper;
  uint64_t content_hash = 0;
};
struct LabelMessage {
  std::string episode_id;
  Label label;
};
struct ImageMessage {
  int64_t stamp_ns = 0;
  std::string frame_id;
  EncodedImage image;
};

void EncodeEpisode(const Episode& episode, Bytes* out);
void EncodeStep(std::string_view episode_id, const Step& step, bool is_first, bool is_last,
                Bytes* out);
void EncodeOutcome(const Episode& episode, int64_t stamp_ns, uint64_t content_hash, Bytes* out);
// A label without a content hash of its own gets `content_hash`.
void EncodeLabel(const std::string& episode_id, const Label& label, uint64_t content_hash,
                 int64_t stamp_ns, Bytes* out);
// CompressedImage for JPEG, Image for raw pictures.
void EncodeImage(const EncodedImage& image, int64_t stamp_ns, const std::string& frame_id,
                 Bytes* out);
// The same without the picture's bytes, with which the message ends.
void EncodeImageHead(const EncodedImage& image, int64_t stamp_ns, const std::string& frame_id,
                     Bytes* out);
void EncodeCameraInfo(const CameraModel& camera, int64_t stamp_ns, Bytes* out);
void EncodeCameraPose(const Pose& X_WC, int64_t stamp_ns, Bytes* out);

// Decoders take the body of a message of that topic. The Episode comes without steps.
Result<Episode> DecodeEpisode(ByteSpan body);
Result<StepMessage> DecodeStep(ByteSpan body);
Result<OutcomeMessage> DecodeOutcome(ByteSpan body);
Result<LabelMessage> DecodeLabel(ByteSpan body);
// A picture shares the bytes of `within`, if `body` lies there, and else has a copy. A JPEG's size
// is read from its header, and 0 x 0 if it has none.
Result<ImageMessage> DecodeCompressedImage(ByteSpan body, const SharedBytes& within = {});
// rgb8, bgr8, rgba8, bgra8 and mono8, with or without padded rows; all become rgb8, which needs a
// picture of its own unless it was that, without padding.
Result<ImageMessage> DecodeRawImage(ByteSpan body, const SharedBytes& within = {});
// Reads the frame header among a JPEG's segments. False, and nothing is set, if there is none.
bool ReadJpegSize(ByteSpan jpeg, int* width_px, int* height_px);
// Fills in the intrinsics or the pose. A transform of other frames changes nothing and gives false.
Status DecodeCameraInfo(ByteSpan body, CameraModel* camera);
Result<bool> DecodeCameraPose(ByteSpan body, Pose* X_WC);

}  // namespace qt::episodes
