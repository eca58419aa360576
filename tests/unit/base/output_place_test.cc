// SPDX-License-Identifier: Apache-2.0
// What the name of an output means: links, descriptors, devices, names that are too long.
#include "base/output_place.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "support/temp_dir.h"

namespace qt {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Kind = OutputPlace::Kind;

class OutputPlaceTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }
  void Link(const std::string& to, const std::string& name) const {
    fs::create_symlink(to, Path(name));
  }
  static std::string Errors(const std::string& path) { return PlaceOf(path).status().ToString(); }
  const TempDir folder_;
};

TEST_F(OutputPlaceTest, FollowsLinksToWhatIsWritten) {
  ASSERT_TRUE(MakeFolder(Path("far")).ok());
  Link("far/out", "a");  // from the link's own folder
  Link("a", "b");
  EXPECT_EQ(PlaceOf(Path("b"))->path, Path("far/out"));
  EXPECT_FALSE(PlaceOf(Path("b"))->exists);
  ASSERT_TRUE(WriteWholeFile(Path("b"), "1", Overwrite::kNo).ok());
  EXPECT_EQ(*ReadWholeFile(Path("far/out")), "1");
  EXPECT_TRUE(fs::is_symlink(Path("b")));
  EXPECT_TRUE(PlaceOf(Path("b"))->exists);

  EXPECT_THAT(WriteWholeFile(Path("b"), "2", Overwrite::kNo).ToString(),
              HasSubstr(Path("b") + ": exists already"));
  ASSERT_TRUE(WriteWholeFile(Path("b"), "2", Overwrite::kYes).ok());
  EXPECT_EQ(*ReadWholeFile(Path("far/out")), "2");
  ASSERT_TRUE(WriteWholeFile(Path("new"), "3", Overwrite::kNo).ok());
  ASSERT_TRUE(MoveFile(Path("new"), Path("b"), Overwrite::kYes).ok());
  EXPECT_EQ(*ReadWholeFile(Path("far/out")), "3");
  EXPECT_THAT(folder_.Names(), ::testing::UnorderedElementsAre("a", "b", "far"));
}

TEST_F(OutputPlaceTest, WhatCannotBeWrittenIsSaidBeforeTheWork) {
  Link("gone/out", "dangling");
  EXPECT_THAT(Errors(Path("dangling")), HasSubstr("gone/out, whose folder is not there"));
  Link("loop", "loop");
  EXPECT_THAT(Errors(Path("loop")), HasSubstr("loop of them"));
  EXPECT_THAT(Errors(folder_.path()), HasSubstr("is a folder"));
  EXPECT_THAT(Errors(""), HasSubstr("is no file name"));
  EXPECT_THAT(Errors(Path("a/")), HasSubstr("is no file name"));
  EXPECT_THAT(Errors(Path(std::string(256, 'a'))), HasSubstr("File name too long"));
  ASSERT_TRUE(WriteWholeFile(Path("file"), "", Overwrite::kNo).ok());
  EXPECT_THAT(Errors(Path("file/a")), HasSubstr("Not a directory"));
}

// As the kernel has it for folders like /tmp, and for those that a group shares.
TEST_F(OutputPlaceTest, ALinkOfAnotherUserIsNotFollowed) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs the right to give files away";
  ASSERT_TRUE(WriteWholeFile(Path("victim"), "precious", Overwrite::kNo).ok());
  Link("victim", "planted");
  ASSERT_EQ(::lchown(Path("planted").c_str(), 65534, 65534), 0);
  EXPECT_THAT(WriteWholeFile(Path("planted"), "x", Overwrite::kYes).ToString(),
              HasSubstr("belongs to another user"));
  EXPECT_EQ(*ReadWholeFile(Path("victim")), "precious");
  ASSERT_EQ(::chown(folder_.path().c_str(), 65534, 65534), 0);  // their own folder
  EXPECT_TRUE(PlaceOf(Path("planted")).ok());
}

TEST_F(OutputPlaceTest, TheLongestNamesCanBeWritten) {
  for (size_t length : {242, 243, 250, 255}) {
    const std::string path = Path(std::string(length, 'n'));
    ASSERT_TRUE(WriteWholeFile(path, "x", Overwrite::kNo).ok()) << length;
    EXPECT_EQ(*ReadWholeFile(path), "x");
  }
  EXPECT_EQ(folder_.Names().size(), 4u);
}

TEST_F(OutputPlaceTest, ALeftoverOfTheSameNameIsNotInTheWay) {
  const std::string next = TemporaryBeside(Path("a"));
  const size_t dash = next.rfind('-');
  const int number = std::stoi(next.substr(dash + 1));
  const std::string left = next.substr(0, dash + 1) + std::to_string(number + 1) + ".tmp";
  ASSERT_EQ(::close(::open(left.c_str(), O_CREAT | O_WRONLY, 0600)), 0);
  EXPECT_TRUE(WriteWholeFile(Path("a"), "x", Overwrite::kNo).ok());
}

TEST_F(OutputPlaceTest, NamesOfDescriptorsMeanTheDescriptor) {
  const int fd = ::open(Path("redirected").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"}) {
    const std::string name = folder + std::to_string(fd);
    EXPECT_EQ(PlaceOf(name)->kind, Kind::kDescriptor);
    EXPECT_EQ(PlaceOf(name)->descriptor, fd);
    auto sink = CreateOutput(name, Overwrite::kNo);
    ASSERT_TRUE(sink.ok()) << sink.status().ToString();
    ASSERT_TRUE((*sink)->Write(AsBytes("x")).ok());
    ASSERT_TRUE((*sink)->Commit().ok());
  }
  ::close(fd);
  EXPECT_EQ(*ReadWholeFile(Path("redirected")), "xxx");
  EXPECT_THAT(CreateOutput("/dev/fd/" + std::to_string(fd), Overwrite::kYes).status().ToString(),
              HasSubstr("Bad file descriptor"));
  const int read_only = ::open(Path("redirected").c_str(), O_RDONLY);
  EXPECT_THAT(
      CreateOutput("/dev/fd/" + std::to_string(read_only), Overwrite::kYes).status().ToString(),
      HasSubstr("is not open for writing"));
  ::close(read_only);

  Link("/proc/self/fd/1", "fd1");
  for (const std::string& name : {std::string("-"), std::string("/dev/stdout"), Path("fd1")}) {
    EXPECT_TRUE(NamesStdout(name)) << name;
  }
  EXPECT_FALSE(NamesStdout(Path("redirected")));
  EXPECT_FALSE(NamesStdout("/proc/1/fd/1"));
}

// A name that the program chose itself, where somebody put something else.
TEST_F(OutputPlaceTest, OurOwnFilesAreNeitherDevicesNorPipes) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  Link("/dev/null", "null");
  for (const char* name : {"pipe", "null"}) {
    EXPECT_THAT(WriteWholeFile(Path(name), "x", Overwrite::kYes).ToString(),
                HasSubstr("is no regular file"));
    EXPECT_THAT(ReadWholeFile(Path(name)).status().ToString(), HasSubstr("is not a regular file"));
  }
  EXPECT_FALSE(RandomAccessFile::Open(Path("pipe")).ok());
  EXPECT_FALSE(OpenForAppend(Path("pipe")).ok());
}

TEST_F(OutputPlaceTest, WaitsForTheOtherEndOfAPipeUntilAStopIsRequested) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  std::atomic<bool> stop{false};
  SetStopFlag(&stop);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
  });
  const Status status = CreateOutput(Path("pipe"), Overwrite::kYes).status();
  later.join();
  EXPECT_EQ(status.code(), Code::kInterrupted);
  EXPECT_THAT(status.ToString(), HasSubstr("waiting for a reader"));
  EXPECT_EQ(ReadWholeInput(Path("pipe")).status().code(), Code::kInterrupted);
  SetStopFlag(nullptr);

  std::thread reader([&] { EXPECT_EQ(*ReadWholeInput(Path("pipe")), "all of it"); });
  auto sink = CreateOutput(Path("pipe"), Overwrite::kNo);
  ASSERT_TRUE(sink.ok());
  ASSERT_TRUE((*sink)->Write(AsBytes("all of it")).ok());
  ASSERT_TRUE((*sink)->Commit().ok());
  sink->reset();
  reader.join();
}

}  // namespace
}  // namespace qt
