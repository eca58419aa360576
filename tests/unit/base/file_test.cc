// SPDX-License-Identifier: Apache-2.0
// Files: atomic names, no overwriting, spools, full disks, closed pipes and stop requests.
#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/temp_dir.h"

namespace qt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class FileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }
  std::vector<std::string> Names() const { return folder_.Names(); }
  const TempDir folder_;
  const fs::path dir_ = folder_.path();
};

TEST_F(FileTest, WritesWholeFileAndReadsItBack) {
  const std::string text(200'000, 'x');
  ASSERT_TRUE(WriteWholeFile(Path("a"), text, Overwrite::kNo).ok());
  const auto read = ReadWholeFile(Path("a"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, text);
  EXPECT_THAT(Names(), ::testing::ElementsAre("a"));
}

TEST_F(FileTest, NothingAppearsUnderTheNameBeforeCommit) {
  auto sink = CreateFile(Path("a"), Overwrite::kNo);
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Write(AsBytes("hello")).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  EXPECT_FALSE(fs::exists(Path("a")));
  sink->reset();
  EXPECT_THAT(Names(), ::testing::IsEmpty());
}

TEST_F(FileTest, WhatIsWorthKeepingOutlivesAnAbandonedSink) {
  auto sink = CreateFile(Path("a"), Overwrite::kNo);
  ASSERT_TRUE((*sink)->Write(AsBytes("an episode")).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  (*sink)->KeepIfAbandoned();
  ASSERT_TRUE(WriteWholeFile(Path("a"), "theirs", Overwrite::kNo).ok());
  const Status status = (*sink)->Commit();
  sink->reset();
  EXPECT_THAT(status.ToString(), MatchesRegex(".*/a: exists already.*stays in .*/[.]a[.].*[.]tmp"));
  const std::string message = status.ToString();
  const std::string temporary = message.substr(message.rfind(" in ") + 4);
  EXPECT_EQ(*ReadWholeFile(temporary), "an episode");

  sink = CreateFile(Path("b"), Overwrite::kNo);
  (*sink)->KeepIfAbandoned();
  (*sink)->Discard();
  sink->reset();
  EXPECT_EQ(Names().size(), 2u);
}

TEST_F(FileTest, RefusesToOverwrite) {
  ASSERT_TRUE(WriteWholeFile(Path("a"), "old", Overwrite::kNo).ok());
  const Status status = WriteWholeFile(Path("a"), "new", Overwrite::kNo);
  EXPECT_THAT(status.ToString(), HasSubstr(Path("a") + ": exists already"));
  EXPECT_EQ(*ReadWholeFile(Path("a")), "old");
  EXPECT_TRUE(WriteWholeFile(Path("a"), "new", Overwrite::kYes).ok());
  EXPECT_EQ(*ReadWholeFile(Path("a")), "new");
}

TEST_F(FileTest, RefusesToOverwriteAFileThatAppearsMeanwhile) {
  auto sink = CreateFile(Path("a"), Overwrite::kNo);
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Write(AsBytes("mine")).ok());
  ASSERT_TRUE(WriteWholeFile(Path("a"), "theirs", Overwrite::kNo).ok());
  EXPECT_FALSE((*sink)->Commit().ok());
  sink->reset();
  EXPECT_EQ(*ReadWholeFile(Path("a")), "theirs");
  EXPECT_EQ(Names().size(), 1u);
}

TEST_F(FileTest, SpoolNamesAreUniqueAndSortByTime) {
  auto sink = CreateInSpool(Path("spool"), "episodes", "0a1b", ".mcap");
  ASSERT_TRUE(sink.ok());
  EXPECT_THAT((*sink)->name(), MatchesRegex(".*/spool/episodes-[0-9]{8}T[0-9]{6}Z-0a1b\\.mcap"));
  ASSERT_TRUE((*sink)->Commit().ok());
  EXPECT_TRUE(fs::exists((*sink)->name()));
}

TEST_F(FileTest, TellsFoldersFromNamesThatMeanOne) {
  ASSERT_TRUE(MakeFolder(Path("a/b")).ok());
  ASSERT_TRUE(WriteWholeFile(Path("file"), "", Overwrite::kNo).ok());
  EXPECT_TRUE(IsFolder(Path("a/b")) && NamesFolder(Path("a/b")));
  EXPECT_FALSE(IsFolder(Path("new/")));
  EXPECT_TRUE(NamesFolder(Path("new/")));
  EXPECT_FALSE(IsFolder(Path("file")) || NamesFolder(Path("file")) || NamesFolder(Path("new")));
}

TEST_F(FileTest, OpensWhatIsNamedOrStandardInput) {
  ASSERT_TRUE(WriteWholeFile(Path("a"), "x", Overwrite::kNo).ok());
  EXPECT_EQ((*OpenInput(Path("a")))->name(), Path("a"));
  EXPECT_EQ((*OpenInput("-"))->name(), "stdin");
  EXPECT_EQ(OpenInput(Path("b")).status().code(), Code::kNotFound);
}

TEST_F(FileTest, NamesTheFileInErrors) {
  EXPECT_EQ(OpenFile(Path("none")).status().code(), Code::kNotFound);
  EXPECT_THAT(OpenFile(Path("none")).status().ToString(), HasSubstr(Path("none")));
  EXPECT_THAT(OpenFile(dir_).status().ToString(), HasSubstr("is a folder"));
  EXPECT_THAT(CreateFile(dir_, Overwrite::kYes).status().ToString(), HasSubstr("is a folder"));
  EXPECT_FALSE(CreateFile(Path("no/such/folder"), Overwrite::kNo).ok());
}

TEST_F(FileTest, AFullDeviceIsNoticed) {
  auto sink = CreateOutput("/dev/full", Overwrite::kNo);
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Write(AsBytes("x")).ok());
  const Status status = (*sink)->Commit();
  EXPECT_THAT(status.ToString(), HasSubstr("/dev/full: cannot write: No space left"));
  EXPECT_EQ((*sink)->Write(AsBytes("y")).ToString(), status.ToString());
  struct stat info;
  ASSERT_EQ(::stat("/dev/full", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_F(FileTest, AClosedPipeHasItsOwnCode) {
  ::signal(SIGPIPE, SIG_IGN);
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  const int reader = ::open(Path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  auto sink = CreateOutput(Path("pipe"), Overwrite::kNo);
  ASSERT_TRUE(sink.ok());
  ::close(reader);
  ASSERT_TRUE((*sink)->Write(AsBytes("x")).ok());
  EXPECT_EQ((*sink)->Flush().code(), Code::kClosedPipe);
}

TEST_F(FileTest, AStopRequestEndsAWaitingRead) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  const int writer = ::open(Path("pipe").c_str(), O_RDWR);
  std::atomic<bool> stop{false};
  SetStopFlag(&stop);
  auto source = OpenFile(Path("pipe"));
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    stop = true;
  });
  uint8_t byte;
  EXPECT_EQ((*source)->Read({&byte, 1}).status().code(), Code::kInterrupted);
  later.join();
  SetStopFlag(nullptr);
  ::close(writer);
}

TEST_F(FileTest, ReadsAtOffsets) {
  ASSERT_TRUE(WriteWholeFile(Path("a"), "0123456789", Overwrite::kNo).ok());
  const auto file = RandomAccessFile::Open(Path("a"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size_bytes(), 10u);
  std::array<uint8_t, 3> bytes;
  ASSERT_TRUE((*file)->ReadAt(7, bytes).ok());
  EXPECT_EQ(bytes[0], '7');
  const Status status = (*file)->ReadAt(8, bytes);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(status.offset_bytes(), 8u);
}

TEST_F(FileTest, ReadWholeFileHasACap) {
  ASSERT_TRUE(WriteWholeFile(Path("a"), "0123456789", Overwrite::kNo).ok());
  EXPECT_TRUE(ReadWholeFile(Path("a"), 10).ok());
  EXPECT_THAT(ReadWholeFile(Path("a"), 9).status().ToString(), HasSubstr("larger than 9 bytes"));
}

}  // namespace
}  // namespace qt
