#include "record/tfevents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/tfrecord.h"
#include "support/temp_dir.h"

namespace qt::record {
namespace {

Bytes FromHex(const std::string& hex) {
  Bytes bytes;
  std::string digits;
  for (char c : hex) {
    if (c != ' ') digits += c;
  }
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

TEST(TfRecord, KnownChecksums) {
  EXPECT_EQ(Crc32c(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(MaskedCrc32c(Bytes(8, 0)), 0x07980329u);
}

// A record that another implementation (@roboflow/tfrecords) wrote.
TEST(TfRecord, GoldenRecord) {
  const Bytes record = FromHex(
      "5900000000000000 8a1d65b6 0a57 0a16 0a0d73746570732f69735f6c617374 1205 1a03 0a0101 0a23 "
      "0a17"
      "73746570732f6f62736572766174696f6e2f696d616765 1208 0a06 0a04 ffd8ffd9 0a18 0a0c"
      "73746570732f726577617264 1208 1206 0a04 0000803f 571de8a9");
  ASSERT_EQ(record.size(), 105u);
  EXPECT_EQ(FrameTfRecord(ByteSpan(record).subspan(12, 89)), record);
}

TEST(ScalarEventWriter, WritesWhatTensorBoardReads) {
  const TempDir dir;
  auto writer = ScalarEventWriter::Create(dir.path(), 1700000000.0);
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  const std::vector<std::pair<std::string, float>> scalars = {{"loss", 0.5f}};
  ASSERT_TRUE((*writer)->Write(300, 1.0, scalars).ok());
  EXPECT_THAT((*writer)->path(), ::testing::HasSubstr("/events.out.tfevents.1700000000."));
  // wall_time = 1700000000, file_version = "brain.Event:2"; then wall_time = 1, step = 300,
  // summary {value {tag "loss", simple_value 0.5}}.
  Bytes expected = FrameTfRecord(FromHex("09 00000040fc54d941 1a 0d 627261696e2e4576656e743a32"));
  const Bytes event =
      FrameTfRecord(FromHex("09 000000000000f03f 10 ac02 2a 0d 0a 0b 0a 04 6c6f7373 15 0000003f"));
  expected.insert(expected.end(), event.begin(), event.end());
  const std::string file = *ReadWholeFile((*writer)->path());
  EXPECT_EQ(Bytes(file.begin(), file.end()), expected);
}

}  // namespace
}  // namespace qt::record
