// SPDX-License-Identifier: Apache-2.0
#include "tensors/tfrecord.h"

#include <gtest/gtest.h>

#include "rlds/tf_example.h"
#include "support/memory_stream.h"
#include "support/rlds_sample.h"
#include "tensors/crc32c.h"

namespace qt::rlds {
namespace {

TEST(Crc32cTest, KnownValues) {
  EXPECT_EQ(tensors::Crc32c(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(tensors::Crc32cPortable(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(tensors::MaskedCrc32c(Bytes(8, 0)), 0x07980329u);
}

TEST(Crc32cTest, BothWaysAgreeForEveryLengthAndAlignment) {
  Bytes bytes;
  for (uint32_t i = 0; i < 100; ++i) bytes.push_back(static_cast<uint8_t>(i * i * 31 + 7));
  for (size_t from = 0; from < 9; ++from) {
    for (size_t size = 0; size + from <= bytes.size(); ++size) {
      const ByteSpan part = ByteSpan(bytes).subspan(from, size);
      ASSERT_EQ(tensors::Crc32c(part), tensors::Crc32cPortable(part)) << from << " " << size;
    }
  }
}

// Written by an independent program (@roboflow/tfrecords).
const char kGoldenHex[] =
    "5900000000000000 8a1d65b6 0a57 0a16 0a0d73746570732f69735f6c617374 1205 1a03 0a0101 0a23 0a17"
    "73746570732f6f62736572766174696f6e2f696d616765 1208 0a06 0a04 ffd8ffd9 0a18 0a0c"
    "73746570732f726577617264 1208 1206 0a04 0000803f 571de8a9";

tensors::TfRecordReader Reader(Bytes file, size_t piece_bytes = SIZE_MAX) {
  return tensors::TfRecordReader(std::make_unique<MemorySource>(std::move(file), piece_bytes));
}

TEST(TfRecordTest, GoldenRecord) {
  const Bytes file = BytesFromHex(kGoldenHex);
  ASSERT_EQ(file.size(), 105u);
  tensors::TfRecordReader reader = Reader(file, 7);
  const auto record = reader.Next();
  ASSERT_TRUE(record.ok() && *record) << record.status().ToString();
  EXPECT_TRUE((*record)->damage.ok());
  EXPECT_EQ(tensors::FrameTfRecord((*record)->data), file);
  const auto example = ParseTfExample((*record)->data);
  ASSERT_TRUE(example.ok()) << example.status().ToString();
  ASSERT_EQ(example->size(), 3u);
  EXPECT_EQ(example->at("steps/is_last").Ints(), std::vector<int64_t>{1});
  EXPECT_EQ(example->at("steps/reward").Floats(), std::vector<float>{1});
  const auto images = example->at("steps/observation/image").Strings();
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(Bytes(images[0].begin(), images[0].end()), (Bytes{0xFF, 0xD8, 0xFF, 0xD9}));
  EXPECT_FALSE(reader.Next().value());
}

TEST(TfRecordTest, ADamagedRecordIsSkipped) {
  Bytes file = ShardOf({{1, 2, 3}, {4, 5, 6}, {7}});
  file[19 + 13] ^= 1;  // in the data of the second
  tensors::TfRecordReader reader = Reader(file);
  EXPECT_TRUE((*reader.Next())->damage.ok());
  const auto second = reader.Next();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ((*second)->damage.ToString(),
            "memory: the checksum of record 1 does not match; it is skipped (at byte 19)");
  EXPECT_TRUE((*second)->data.empty());
  const auto third = reader.Next();
  EXPECT_EQ((*third)->data.size(), 1u);
  EXPECT_EQ((*third)->number, 2u);
}

std::string ErrorIn(Bytes file) {
  tensors::TfRecordReader reader = Reader(std::move(file));
  for (;;) {
    const auto record = reader.Next();
    if (!record.ok()) return record.status().ToString();
    if (!*record) return "";
  }
}

TEST(TfRecordTest, ADamagedLengthLosesTheRest) {
  Bytes file = ShardOf({{1, 2, 3}, {4, 5, 6}});
  file[19] ^= 1;
  EXPECT_EQ(ErrorIn(file),
            "memory: the length of record 1 is damaged; what follows in this file is lost (at byte "
            "19)");
}

TEST(TfRecordTest, CutShort) {
  const Bytes file = ShardOf({{1, 2, 3}, {4, 5, 6}});
  const auto cut = [&](size_t size) {
    return ErrorIn(Bytes(file.begin(), file.begin() + static_cast<ptrdiff_t>(size)));
  };
  EXPECT_EQ(cut(19), "");
  EXPECT_EQ(cut(25), "memory: ends inside the length of a record (at byte 19)");
  EXPECT_EQ(cut(33), "memory: ends inside record 1 (at byte 19)");
  EXPECT_EQ(cut(37), "memory: ends inside record 1 (at byte 19)");
  EXPECT_EQ(ErrorIn({}), "");
}

TEST(TfRecordTest, AHugeLengthIsNotBelieved) {
  Bytes head = {0, 0, 0, 0, 0, 1, 0, 0};
  const uint32_t crc = tensors::MaskedCrc32c(head);
  const auto* bytes = reinterpret_cast<const uint8_t*>(&crc);
  head.insert(head.end(), bytes, bytes + 4);
  EXPECT_EQ(ErrorIn(head),
            "memory: record 0 would have 1099511627776 bytes; the limit is 268435456 (at byte 0)");
}

TEST(TfRecordTest, SaysWhatSomethingElseIs) {
  const auto error = [](std::string_view text) { return ErrorIn(Bytes(text.begin(), text.end())); };
  EXPECT_EQ(error("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
            "memory: is a pointer of Git LFS, not the data; run 'git lfs pull' where it comes from "
            "(at byte 0)");
  EXPECT_EQ(error("<!DOCTYPE html><html>"),
            "memory: is a web page, not the data: the download went wrong (at byte 0)");
  EXPECT_EQ(error("\x1f\x8b\x08 and so on"),
            "memory: is compressed with gzip; unpack it first (at byte 0)");
  EXPECT_EQ(error("some words on a line\n"),
            "memory: is a text file, not a TFRecord file (at byte 0)");
}

std::string ExampleError(const Bytes& message) {
  return ParseTfExample(message).status().message();
}

TEST(TfExampleTest, UnpackedNumbersAreReadToo) {
  const float half = 0.5f;
  const ByteSpan half_bytes(reinterpret_cast<const uint8_t*>(&half), sizeof half);
  ProtoWriter floats;
  floats.Tag(1, 5).Raw(half_bytes).Field(1, half_bytes);  // one unpacked, one packed
  ProtoWriter ints;
  ints.Tag(1, 0).Varint(300).Tag(1, 0).Varint(static_cast<uint64_t>(-1));
  const Bytes message =
      ExampleBuilder().Feature("f", 2, floats.bytes()).Feature("i", 3, ints.bytes()).Build();
  const auto example = ParseTfExample(message);
  ASSERT_TRUE(example.ok());
  EXPECT_EQ(example->at("f").Floats(), (std::vector<float>{0.5f, 0.5f}));
  EXPECT_EQ(example->at("i").Ints(), (std::vector<int64_t>{300, -1}));
  EXPECT_EQ(example->at("i").size(), 2u);
  EXPECT_TRUE(example->at("i").Floats().empty());
}

TEST(TfExampleTest, MalformedMessagesAreRefused) {
  EXPECT_EQ(ExampleError({0x0A, 0x05, 0x0A}), "is no tf.Example");
  EXPECT_EQ(ExampleError({0x0A, 0x02, 0x0A, 0x7F}), "the features of the tf.Example are malformed");
  EXPECT_EQ(ExampleError(ExampleBuilder().Feature("f", 2, {0x0A, 0x03, 1, 2, 3}).Build()),
            "feature \"f\": its list is malformed");
  EXPECT_EQ(ExampleError(ExampleBuilder().Feature("i", 3, {0x0A, 0x01, 0x80}).Build()),
            "feature \"i\": its list is malformed");
  EXPECT_EQ(ExampleError(ExampleBuilder().Feature("s", 1, {0x0B}).Build()),
            "feature \"s\": its list is malformed");
}

TEST(TfExampleTest, AFeatureWithoutAListIsEmpty) {
  const Bytes entry = ProtoWriter().Field(1, AsBytes("none")).bytes();
  const Bytes message =
      ProtoWriter().Field(1, ProtoWriter().Field(1, entry).bytes()).Field(9, entry).bytes();
  const auto example = ParseTfExample(message);
  ASSERT_TRUE(example.ok());
  EXPECT_EQ(example->at("none").kind(), TfFeature::Kind::kNone);
}

}  // namespace
}  // namespace qt::rlds
