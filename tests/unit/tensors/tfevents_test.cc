// SPDX-License-Identifier: Apache-2.0
#include "tensors/tfevents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "tensors/crc32c.h"
#include "tensors/tfrecord.h"

namespace qt::tensors {
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

TEST(ScalarEventWriter, SaysAtWhichStepItGoesOn) {
  const TempDir dir;
  auto writer = ScalarEventWriter::Create(dir.path(), 1700000000.0, 300);
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  ASSERT_TRUE((*writer)->Write(301, 1.0, {}).ok());
  // wall_time, step = 300, session_log {status: START}.
  const Bytes start = FrameTfRecord(FromHex("09 00000040fc54d941 10 ac02 3a 02 08 01"));
  const std::string file = *ReadWholeFile((*writer)->path());
  const size_t version_bytes = FrameTfRecord(Bytes(24)).size();
  EXPECT_EQ(Bytes(file.begin() + ptrdiff_t(version_bytes),
                  file.begin() + ptrdiff_t(version_bytes + start.size())),
            start);
}

}  // namespace
}  // namespace qt::tensors
