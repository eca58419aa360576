// SPDX-License-Identifier: Apache-2.0
// Bytes that go to a temporary file and come back, or stay in memory where there can be none.
#include "mcap/spill_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "mcap/mcap_writer.h"
#include "support/memory_stream.h"
#include "support/temp_dir.h"

namespace qt::mcap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Temporary files go to `folder` until the end of the test.
class TemporariesIn {
 public:
  explicit TemporariesIn(const std::string& folder) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", folder.c_str(), 1);
  }
  ~TemporariesIn() {
    before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1);
  }

 private:
  std::string before_;
};

Bytes SomeBytes(size_t count, uint8_t first) {
  Bytes bytes(count);
  for (uint8_t& byte : bytes) byte = first++;
  return bytes;
}

Bytes Contents(const SpillBuffer& buffer) {
  Bytes all;
  const Status read = buffer.Read([&](ByteSpan piece) {
    all.insert(all.end(), piece.begin(), piece.end());
    return Ok();
  });
  EXPECT_TRUE(read.ok()) << read.ToString();
  return all;
}

// Of `count` appended pieces of 1,000 bytes.
Bytes Append(int count, SpillBuffer* buffer) {
  Bytes all;
  for (int i = 0; i < count; ++i) {
    const Bytes piece = SomeBytes(1000, uint8_t(i));
    buffer->Append(piece);
    all.insert(all.end(), piece.begin(), piece.end());
  }
  return all;
}

TEST(SpillBuffer, GivesBackWhatItTookInOrder) {
  for (const size_t memory_bytes : {size_t{0}, size_t{1500}, size_t{70'000}, size_t{1} << 30}) {
    SpillBuffer buffer(memory_bytes);
    EXPECT_THAT(Contents(buffer), IsEmpty());
    const Bytes all = Append(200, &buffer);
    EXPECT_EQ(buffer.size(), all.size());
    EXPECT_EQ(Contents(buffer), all) << memory_bytes;
    EXPECT_EQ(Contents(buffer), all) << "again, " << memory_bytes;
  }
}

TEST(SpillBuffer, TheFileHasNoName) {
  const TempDir dir;
  const TemporariesIn temporaries(dir.path());
  SpillBuffer buffer(100);
  Append(3, &buffer);
  EXPECT_THAT(dir.Names(), IsEmpty());
}

TEST(SpillBuffer, StopsWhereTakingFails) {
  SpillBuffer buffer(100);
  Append(200, &buffer);
  int calls = 0;
  const Status read = buffer.Read([&](ByteSpan) { return ++calls == 2 ? Failed("no") : Ok(); });
  EXPECT_EQ(read.message(), "no");
  EXPECT_EQ(calls, 2);
}

TEST(SpillBuffer, KeepsAllInMemoryWithoutAFolder) {
  const TempDir dir;
  const TemporariesIn temporaries(dir.File("missing"));
  SpillBuffer buffer(100);
  ::testing::internal::CaptureStderr();
  const Bytes all = Append(20, &buffer);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said,
              HasSubstr(dir.File("missing") + ": cannot keep the index of the output here: "));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_EQ(Contents(buffer), all);
}

// A file of 40 chunks and 40 metadata records.
Bytes ManyChunks(size_t index_memory_bytes) {
  Bytes file;
  mcap::Writer writer(std::make_unique<BytesSink>(&file),
                      {.index_memory_bytes = index_memory_bytes});
  EXPECT_TRUE(writer.Start("ros2", "test").ok());
  EXPECT_TRUE(writer.Add(mcap::Schema{1, "s", "ros2msg", ""}).ok());
  EXPECT_TRUE(writer.Add(mcap::Channel{1, 1, "/t", "cdr", {}}).ok());
  for (int i = 0; i < 40; ++i) {
    const Bytes data = SomeBytes(50, uint8_t(i));
    mcap::Builder records;
    records.Put(mcap::Message{1, uint32_t(i), uint64_t(i), uint64_t(i), data});
    EXPECT_TRUE(writer.Add(mcap::Metadata{"m" + std::to_string(i), {{"k", "v"}}}).ok());
    EXPECT_TRUE(writer.Add(mcap::Attachment{1, 2, "a", "text/plain", data}).ok());
    EXPECT_TRUE(writer.AddChunk(records.bytes(), 1).ok());
  }
  EXPECT_TRUE(writer.Finish().ok());
  return file;
}

TEST(McapWriter, SpilledIndexesGiveTheSameBytes) {
  const Bytes file = ManyChunks(SIZE_MAX);
  EXPECT_EQ(ManyChunks(0), file);
  EXPECT_EQ(ManyChunks(300), file);
  const TemporariesIn temporaries("/nonexistent");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(ManyChunks(300), file);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("stays in memory"));
}

}  // namespace
}  // namespace qt::mcap
