// SPDX-License-Identifier: Apache-2.0
// The two framings of the policy protocol (formats/serve/SPEC.md): one JSON object a line, or a
// length-prefixed binary frame that carries the image as it is. The first byte of a stream tells
// which; a length is checked against its limit before anything is allocated.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/shared_bytes.h"
#include "base/status.h"
#include "json/fields.h"
#include "json/json_fwd.h"
#include "mdp/observation.h"

namespace qt::protocol {

enum class Framing { kNdjson, kBinary };

// Checked before anything is allocated.
struct WireLimits {
  size_t max_header_bytes = 64 << 10;  // the JSON of a message, without the image
  size_t max_image_bytes = 16 << 20;
  // An NDJSON line: the header with the image in base64.
  size_t max_line_bytes() const { return max_header_bytes + (max_image_bytes + 2) / 3 * 4; }
};

// One message: its JSON text, and in binary framing the image bytes beside it.
struct Frame {
  std::string json;
  Bytes image;
};

// Cuts a byte stream into frames. The first byte decides: '{' is NDJSON, anything else binary; but
// a byte order mark and blanks before the first '{' are skipped, since no binary frame is so long
// that its length could be taken for them.
class FrameReader {
 public:
  // `source` must outlive the reader.
  explicit FrameReader(ByteSource* source, WireLimits limits = {});

  // The next frame; nullopt at a clean end of the input. A Corrupt status means that the input
  // cannot be framed from here on, and nothing more may be read; others come from the source.
  Result<std::optional<Frame>> Next();
  // Known after the first byte.
  std::optional<Framing> framing() const { return framing_; }
  // What is at the place where the last frame should have begun, or the next begins.
  std::string Pending(size_t max_bytes) const;
  // Whether bytes of the next frame have been read.
  bool has_begun() const { return begin_ < buffer_.size(); }

 private:
  Result<std::optional<Frame>> NextLine();
  Result<std::optional<Frame>> NextBinary();
  Result<bool> Begin();  // finds the framing; false if there is no frame
  bool StartsLikeText() const;
  bool Skip(std::string_view text);  // if the stream goes on with it
  void SkipBlanks();
  Result<Bytes> TakeImage(size_t head_bytes, size_t image_bytes);
  Result<bool> Fill();  // reads more; false at the end of the input
  Result<bool> FillTo(size_t num_bytes);
  Status Unframeable(const std::string& what) const;

  ByteSource* source_;
  WireLimits limits_;
  std::optional<Framing> framing_;
  Bytes buffer_;
  size_t begin_ = 0;           // of what has not been consumed yet
  uint64_t offset_bytes_ = 0;  // of begin_ in the stream
};

// One message laid out for sending: `head`, and behind it `image`, which is written from where it
// is. In NDJSON the image is in the head.
struct FrameParts {
  Bytes head;
  SharedBytes image;
};
// With an image, header["image"] gets "data" (base64) in NDJSON and "bytes" (its length) in binary
// framing.
FrameParts LayOutFrame(Framing framing, Json header, const SharedBytes& image);
// The same in one piece.
Bytes EncodeFrame(Framing framing, Json header, const SharedBytes& image = {});

// RFC 4648 with padding. Decoding is strict: no white space, no foreign characters, right padding.
std::string EncodeBase64(ByteSpan bytes);
Result<Bytes> DecodeBase64(std::string_view text);

// Parses a JSON object whose nesting and number of values are bounded, so that a hostile line
// cannot cost more memory than a few times its length.
Result<Json> ParseSmallObject(std::string_view text);

// The picture in a message of the policy protocol or of the robot protocol.

// Takes the image's bytes out of the frame, or out of the JSON in NDJSON.
EncodedImage ReadImage(const json::Fields& fields, Frame& frame, const WireLimits& limits);
Json ImageHeader(const EncodedImage& image);  // without the bytes: EncodeFrame adds them

}  // namespace qt::protocol
