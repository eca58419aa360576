// SPDX-License-Identifier: Apache-2.0
#include "protocol/wire_frame.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "base/setting.h"
#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::protocol {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr size_t kPrefixBytes = 8;  // both lengths of a binary frame
constexpr int kMaxValues = 2000;
constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint32_t LoadU32(const uint8_t* bytes) {
  return bytes[0] | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
}

void AppendU32(Bytes& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

void Append(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

bool IsBlank(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

std::array<int8_t, 256> MakeBase64Values() {
  std::array<int8_t, 256> values;
  values.fill(-1);
  for (int i = 0; i < 64; ++i) values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
  return values;
}

}  // namespace

FrameReader::FrameReader(ByteSource* source, WireLimits limits)
    : source_(source), limits_(limits) {}

Result<std::optional<Frame>> FrameReader::Next() {
  if (!framing_) {
    QT_ASSIGN(const bool more, Begin());
    if (!more) return std::optional<Frame>();
  }
  return *framing_ == Framing::kNdjson ? NextLine() : NextBinary();
}

Result<bool> FrameReader::Begin() {
  QT_ASSIGN(bool more, FillTo(1));
  if (!more) return false;
  if (buffer_[begin_] != '{') {
    QT_ASSIGN(more, FillTo(4));
    if (!StartsLikeText()) {
      framing_ = Framing::kBinary;
      return true;
    }
    Skip("\xef\xbb\xbf");
    for (SkipBlanks(); !has_begun(); SkipBlanks()) {
      QT_ASSIGN(more, Fill());
      if (!more) return false;
    }
    if (buffer_[begin_] != '{') return Unframeable("this is neither a frame nor a line of JSON");
  }
  framing_ = Framing::kNdjson;
  return true;
}

// Whether the first four bytes, or all if there are fewer, are text rather than the length of a
// frame that is within its limits.
bool FrameReader::StartsLikeText() const {
  const ByteSpan start =
      ByteSpan(buffer_).subspan(begin_, std::min<size_t>(4, buffer_.size() - begin_));
  const auto is_text = [](uint8_t byte) {
    return (byte >= 0x20 && byte != 0x7F && byte < 0xF5 && byte != 0xC0 && byte != 0xC1) ||
           IsBlank(byte);
  };
  if (!std::all_of(start.begin(), start.end(), is_text)) return false;
  return start.size() < 4 ||
         LoadU32(start.data()) > 4 + limits_.max_header_bytes + limits_.max_image_bytes;
}

bool FrameReader::Skip(std::string_view text) {
  const ByteSpan left = ByteSpan(buffer_).subspan(begin_);
  const ByteSpan wanted = AsBytes(text);
  if (left.size() < wanted.size() || !std::equal(wanted.begin(), wanted.end(), left.begin())) {
    return false;
  }
  begin_ += text.size();
  offset_bytes_ += text.size();
  return true;
}

void FrameReader::SkipBlanks() {
  for (; has_begun() && IsBlank(buffer_[begin_]); ++begin_) ++offset_bytes_;
}

std::string FrameReader::Pending(size_t max_bytes) const {
  const ByteSpan left = ByteSpan(buffer_).subspan(begin_);
  const ByteSpan shown = left.first(std::min(max_bytes, left.size()));
  return {shown.begin(), shown.end()};
}

Result<std::optional<Frame>> FrameReader::NextLine() {
  size_t searched = 0;
  for (;;) {
    const auto begin = buffer_.begin() + static_cast<ptrdiff_t>(begin_);
    const auto newline =
        std::find(begin + static_cast<ptrdiff_t>(searched), buffer_.end(), uint8_t{'\n'});
    searched = static_cast<size_t>(newline - begin);
    if (searched > limits_.max_line_bytes()) return Unframeable("the line is too long");
    bool at_end = false;
    if (newline == buffer_.end()) {
      QT_ASSIGN(const bool more, Fill());
      if (more) continue;
      if (searched == 0) return std::optional<Frame>();
      at_end = true;
    }
    std::string line(buffer_.begin() + static_cast<ptrdiff_t>(begin_),
                     buffer_.begin() + static_cast<ptrdiff_t>(begin_ + searched));
    const size_t consumed = searched + (at_end ? 0 : 1);
    begin_ += consumed;
    offset_bytes_ += consumed;
    searched = 0;
    if (line.ends_with('\r')) line.pop_back();
    if (!std::all_of(line.begin(), line.end(), IsBlank)) {
      return std::optional<Frame>(Frame{std::move(line), {}});
    }
  }
}

Result<std::optional<Frame>> FrameReader::NextBinary() {
  QT_ASSIGN(const bool has_prefix, FillTo(kPrefixBytes));
  if (!has_prefix) {
    if (buffer_.size() == begin_) return std::optional<Frame>();
    return Unframeable("the input ends within a frame");
  }
  const uint64_t total = LoadU32(&buffer_[begin_]);
  const uint64_t header = LoadU32(&buffer_[begin_ + 4]);
  if (total < 4 + header) return Unframeable("the lengths of the frame contradict each other");
  if (header > limits_.max_header_bytes) return Unframeable("the JSON header is too long");
  if (total - 4 - header > limits_.max_image_bytes) return Unframeable("the image is too long");
  QT_ASSIGN(const bool has_header, FillTo(kPrefixBytes + header));
  if (!has_header) return Unframeable("the input ends within a frame");
  const uint8_t* json = &buffer_[begin_] + kPrefixBytes;
  Frame frame{std::string(json, json + header), {}};
  QT_ASSIGN(frame.image, TakeImage(kPrefixBytes + header, total - 4 - header));
  offset_bytes_ += 4 + total;
  return std::optional<Frame>(std::move(frame));
}

// The bytes behind the next `head_bytes`: what has been read already, and the rest straight from
// the source.
Result<Bytes> FrameReader::TakeImage(size_t head_bytes, size_t image_bytes) {
  Bytes image(image_bytes);
  const size_t start = begin_ + head_bytes;
  const size_t buffered = std::min(buffer_.size() - start, image_bytes);
  std::copy_n(buffer_.begin() + static_cast<ptrdiff_t>(start), buffered, image.begin());
  for (size_t have = buffered; have < image_bytes;) {
    QT_ASSIGN(const size_t n, source_->Read(std::span(image).subspan(have)));
    if (n == 0) return Unframeable("the input ends within a frame");
    have += n;
  }
  begin_ = start + buffered;
  return image;
}

Result<bool> FrameReader::Fill() {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(begin_));
  begin_ = 0;
  const size_t have = buffer_.size();
  buffer_.resize(have + kReadBytes);
  Result<size_t> read = source_->Read(std::span(buffer_).subspan(have));
  buffer_.resize(have + (read.ok() ? *read : 0));
  if (!read.ok()) return std::move(read).status();
  return *read > 0;
}

Result<bool> FrameReader::FillTo(size_t num_bytes) {
  while (buffer_.size() - begin_ < num_bytes) {
    QT_ASSIGN(const bool more, Fill());
    if (!more) return false;
  }
  return true;
}

Status FrameReader::Unframeable(const std::string& what) const {
  return Corrupt(what).At(source_->name(), offset_bytes_);
}

FrameParts LayOutFrame(Framing framing, Json header, const SharedBytes& image) {
  FrameParts parts;
  if (framing == Framing::kNdjson) {
    if (!image.empty()) header["image"]["data"] = EncodeBase64(image);
    Append(parts.head, AsBytes(json::Dump(header)));
    parts.head.push_back('\n');
    return parts;
  }
  if (!image.empty()) header["image"]["bytes"] = image.size();
  std::string text = json::Dump(header);
  // The first byte of a binary stream may not be '{'; white space after the JSON moves it on.
  if (((4 + text.size() + image.size()) & 0xFF) == '{') text += ' ';
  parts.head.reserve(kPrefixBytes + text.size());
  AppendU32(parts.head, static_cast<uint32_t>(4 + text.size() + image.size()));
  AppendU32(parts.head, static_cast<uint32_t>(text.size()));
  Append(parts.head, AsBytes(text));
  parts.image = image;
  return parts;
}

Bytes EncodeFrame(Framing framing, Json header, const SharedBytes& image) {
  FrameParts parts = LayOutFrame(framing, std::move(header), image);
  Append(parts.head, parts.image);
  return std::move(parts.head);
}

std::string EncodeBase64(ByteSpan bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t word = uint32_t{bytes[i]} << 16;
    if (n > 1) word |= uint32_t{bytes[i + 1]} << 8;
    if (n > 2) word |= bytes[i + 2];
    text += kAlphabet[word >> 18];
    text += kAlphabet[word >> 12 & 63];
    text += n > 1 ? kAlphabet[word >> 6 & 63] : '=';
    text += n > 2 ? kAlphabet[word & 63] : '=';
  }
  return text;
}

Result<Bytes> DecodeBase64(std::string_view text) {
  static const std::array<int8_t, 256> kValues = MakeBase64Values();
  if (text.size() % 4 != 0) return Corrupt("the base64 text is not padded to a multiple of four");
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t word = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_padding = i + padding >= text.size();
    const int value = is_padding ? 0 : kValues[static_cast<uint8_t>(text[i])];
    if (value < 0) return Corrupt("character " + std::to_string(i) + " is not base64");
    word = word << 6 | static_cast<uint32_t>(value);
    if (i % 4 != 3) continue;
    for (int shift : {16, 8, 0}) bytes.push_back(static_cast<uint8_t>(word >> shift));
    word = 0;
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

Result<Json> ParseSmallObject(std::string_view text) {
  return json::ParseBoundedObject(text, kMaxValues);
}

namespace {

// The image bytes: beside the JSON in binary framing, in it in NDJSON.
Bytes TakeImageBytes(const json::Fields& fields, Frame& frame, const WireLimits& limits) {
  if (!fields.Has("data")) {
    const uint64_t bytes = fields.Unsigned("bytes", limits.max_image_bytes);
    if (bytes != frame.image.size()) fields.Fail("bytes", "is not what the frame holds");
    return std::move(frame.image);
  }
  const Json& data = fields.Get("data");
  if (!data.is_string()) {
    fields.Fail("data", "must be base64 text");
    return {};
  }
  Result<Bytes> bytes = DecodeBase64(data.get_ref<const std::string&>());
  if (!bytes.ok()) fields.Fail("data", "is malformed: " + bytes.status().message());
  return bytes.ok() ? std::move(*bytes) : Bytes();
}

}  // namespace

EncodedImage ReadImage(const json::Fields& fields, Frame& frame, const WireLimits& limits) {
  EncodedImage image;
  image.width_px = fields.Integer("width_px", 1, kMaxCameraSide_px);
  image.height_px = fields.Integer("height_px", 1, kMaxCameraSide_px);
  const auto encoding = EnumFrom<ImageEncoding>(fields.Text("encoding", json::kMaxName));
  if (!encoding) fields.Fail("encoding", "must be jpeg or rgb8");
  image.encoding = encoding.value_or(ImageEncoding::kJpeg);
  image.bytes = TakeImageBytes(fields, frame, limits);
  if (image.bytes.empty() || image.bytes.size() > limits.max_image_bytes) {
    fields.Fail("", "holds no image, or one that is too long");
  }
  if (image.encoding == ImageEncoding::kRgb8 &&
      image.bytes.size() != RgbBytes(image.width_px, image.height_px)) {
    fields.Fail("", "must hold 3 * width_px * height_px bytes in rgb8");
  }
  return image;
}

Json ImageHeader(const EncodedImage& image) {
  return {{"encoding", EnumName(image.encoding)},
          {"width_px", image.width_px},
          {"height_px", image.height_px}};
}

}  // namespace qt::protocol
