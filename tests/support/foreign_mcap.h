// SPDX-License-Identifier: Apache-2.0
// Episode files as other MCAP tools would write them: other chunks, other compression, none of the
// optional parts. For the unit tests and the samples.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "episodes/episode_messages.h"
#include "mcap/mcap.h"
#include "support/sample_episode.h"

namespace qt {

// The contents of an MCAP file: every schema and channel record, and every message in its order.
struct Contents {
  Bytes declarations;
  std::vector<Bytes> messages;  // Message records with their framing
};

inline void AppendTo(ByteSpan bytes, Bytes* out) {
  out->insert(out->end(), bytes.begin(), bytes.end());
}

inline Bytes RecordOf(uint8_t op, ByteSpan body) {
  Bytes record = {op};
  const uint64_t length = body.size();
  AppendTo({reinterpret_cast<const uint8_t*>(&length), sizeof length}, &record);
  AppendTo(body, &record);
  return record;
}

inline Contents ContentsOf(ByteSpan file) {
  using namespace mcap;
  Contents contents;
  Bytes unpacked;
  const ByteSpan records = file.subspan(kMagic.size(), file.size() - 2 * kMagic.size());
  bool in_summary = false;
  const Status walked = ForEachRecord(records, [&](const RecordView& record) -> Status {
    in_summary = in_summary || record.op == kDataEnd;
    if (in_summary) return Ok();
    if (record.op == kSchema || record.op == kChannel) {
      AppendTo(RecordOf(record.op, record.body), &contents.declarations);
    }
    if (record.op != kChunk) return Ok();
    QT_TRY(UnpackChunk(*ParseChunk(record.body), &unpacked));
    return ForEachRecord(unpacked, [&](const RecordView& message) {
      contents.messages.push_back(RecordOf(message.op, message.body));
      return Ok();
    });
  });
  QT_CHECK(walked.ok(), walked.message());
  return contents;
}

// Magic and header, `data`, and an end without summary and checksums.
inline Bytes ForeignFile(ByteSpan data) {
  using namespace mcap;
  Builder builder;
  builder.PutRaw(kMagic);
  builder.Begin(kHeader);
  builder.Put(std::string_view("ros2"));
  builder.Put(std::string_view("another writer"));
  builder.End();
  builder.PutRaw(data);
  builder.PutRaw(RecordOf(kDataEnd, Bytes(4, 0)));
  builder.PutRaw(RecordOf(kFooter, Bytes(20, 0)));
  builder.PutRaw(kMagic);
  return builder.bytes();
}

inline Bytes ChunkOf(ByteSpan records, const std::string& compression) {
  using namespace mcap;
  Bytes packed(records.begin(), records.end());
  if (compression == "lz4") packed = CompressLz4(records);
  if (compression == "zstd") packed = CompressZstd(records, 1);
  Builder builder;
  builder.Begin(kChunk);
  builder.Put(uint64_t{0});  // times that are wrong, as some writers leave them
  builder.Put(uint64_t{0});
  builder.Put(uint64_t{records.size()});
  builder.Put(uint32_t{0});  // no checksum
  builder.Put(std::string_view(compression));
  builder.Put(uint64_t{packed.size()});
  builder.PutRaw(packed);
  builder.End();
  return builder.bytes();
}

// `per_chunk` messages in each chunk, wherever that cuts; 0: no chunks at all. The schemas and
// channels stand in the first chunk, once more in every other.
inline Bytes Rechunked(const Contents& contents, size_t per_chunk, const std::string& compression) {
  Bytes data, chunk;
  if (per_chunk == 0) data = contents.declarations;
  for (size_t i = 0; i < contents.messages.size(); ++i) {
    if (per_chunk == 0) {
      AppendTo(contents.messages[i], &data);
      continue;
    }
    if (chunk.empty()) chunk = contents.declarations;
    AppendTo(contents.messages[i], &chunk);
    if ((i + 1) % per_chunk == 0 || i + 1 == contents.messages.size()) {
      AppendTo(ChunkOf(chunk, compression), &data);
      chunk.clear();
    }
  }
  return ForeignFile(data);
}

// The messages of two files by turns, as a merge by time would mix them.
inline Contents Mixed(const Contents& a, const Contents& b) {
  Contents mixed{a.declarations, {}};
  for (size_t i = 0; i < std::max(a.messages.size(), b.messages.size()); ++i) {
    if (i < a.messages.size()) mixed.messages.push_back(a.messages[i]);
    if (i < b.messages.size()) mixed.messages.push_back(b.messages[i]);
  }
  return mixed;
}

// A bag with these messages on /cam/image_raw, and something else.
inline Bytes BagOf(const char* type, const std::vector<Bytes>& pictures) {
  using namespace mcap;
  Builder builder;
  builder.Put(Schema{7, type, "ros2msg", "# shortened"});
  builder.Put(Schema{8, "std_msgs/msg/String", "ros2msg", "string data"});
  builder.Put(Channel{3, 8, "/chatter", "cdr", {}});
  builder.Put(Channel{4, 7, "/cam/image_raw", "cdr", {}});
  for (uint32_t i = 0; i < pictures.size(); ++i) {
    for (const uint16_t channel : {uint16_t{3}, uint16_t{4}}) {
      builder.Begin(kMessage);
      builder.Put(channel);
      builder.Put(i);
      builder.Put(uint64_t{1000} + 10 * i);
      builder.Put(uint64_t{1000} + 10 * i);
      builder.PutRaw(channel == 3 ? Bytes{0, 1, 0, 0, 1, 0, 0, 0, 0} : pictures[i]);
      builder.End();
    }
  }
  return ForeignFile(builder.bytes());
}

// A bag with pictures on /cam/image_raw (JPEG, or bgr8 without stamps) and something else.
inline Bytes SampleBag(bool raw) {
  std::vector<Bytes> pictures(3);
  for (uint32_t i = 0; i < 3; ++i) {
    Bytes& body = pictures[i];
    const int64_t stamp_ns = raw ? 0 : int64_t{1'000'000'000} * (i + 5);
    episodes::EncodeImage(raw ? SampleRaw(static_cast<uint8_t>(50 * i)) : SampleJpeg(), stamp_ns,
                          "lens", &body);
    if (!raw) continue;
    const std::string_view rgb = "rgb8";
    auto at = std::search(body.begin(), body.end(), rgb.begin(), rgb.end());
    std::copy_n("bgr8", 4, at);
    body.end()[-1] = static_cast<uint8_t>(i);  // the red of the last pixel
  }
  return BagOf(raw ? "sensor_msgs/msg/Image" : "sensor_msgs/msg/CompressedImage", pictures);
}

}  // namespace qt
