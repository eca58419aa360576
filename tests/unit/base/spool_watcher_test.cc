// SPDX-License-Identifier: Apache-2.0
// Files that arrive in a folder while it is watched: each once, whole, whoever wrote it and however
// many do.
#include "base/spool_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "base/file.h"
#include "support/temp_dir.h"

namespace qt {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;

constexpr char kEnd[] = "END";  // of a whole file

bool EndsWell(const std::string& path) {
  const auto text = ReadWholeFile(path);
  return text.ok() && text->ends_with(kEnd);
}

class SpoolWatcherTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    options_.suffix = ".mcap";
    options_.looks_finished = EndsWell;
    options_.use_inotify = GetParam();
    // Where inotify is at work, looking again must not be what finds the files.
    options_.rescan = milliseconds(GetParam() ? 600'000 : 20);
  }

  std::unique_ptr<SpoolWatcher> Open() {
    auto watcher = SpoolWatcher::Open({dir_.string() + "/"}, options_);
    EXPECT_TRUE(watcher.ok()) << watcher.status().ToString();
    return std::move(watcher).value();
  }
  std::string Path(const std::string& name) const { return folder_.File(name); }
  void WriteInPlace(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }
  void WriteWhole(const std::string& name) const {
    ASSERT_TRUE(WriteWholeFile(Path(name), kEnd, Overwrite::kYes).ok());
  }
  // What comes until nothing comes any more.
  std::vector<std::string> Take(SpoolWatcher& watcher, int wait_ms = 60) const {
    std::vector<std::string> names;
    for (;;) {
      const auto path = watcher.NextWithin(milliseconds(wait_ms));
      EXPECT_TRUE(path.ok()) << path.status().ToString();
      if (!path.ok() || !*path) return names;
      names.push_back(fs::path(**path).filename());
    }
  }
  const TempDir folder_;
  const fs::path dir_ = folder_.path();
  SpoolWatcher::Options options_;
};

INSTANTIATE_TEST_SUITE_P(Inotify, SpoolWatcherTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Looking, SpoolWatcherTest, ::testing::Values(false));

TEST_P(SpoolWatcherTest, WhatIsThereComesByNameThenWhatArrives) {
  WriteWhole("b.mcap");
  WriteWhole("a.mcap");
  WriteWhole("note.txt");
  WriteWhole(".c.mcap");
  const auto watcher = Open();
  EXPECT_THAT(Take(*watcher), ElementsAre("a.mcap", "b.mcap"));
  WriteWhole("z.mcap");
  EXPECT_THAT(Take(*watcher), ElementsAre("z.mcap"));
  WriteWhole("d.mcap");
  EXPECT_THAT(Take(*watcher), ElementsAre("d.mcap"));
}

TEST_P(SpoolWatcherTest, ALinkedFileCounts) {
  const auto watcher = Open();
  WriteWhole(".hidden");
  fs::create_hard_link(Path(".hidden"), Path("a.mcap"));
  EXPECT_THAT(Take(*watcher), ElementsAre("a.mcap"));
  fs::remove(Path(".hidden"));
  EXPECT_THAT(Take(*watcher), ElementsAre());
}

TEST_P(SpoolWatcherTest, AFileThatIsCopiedInPlaceIsGivenWhenItIsWhole) {
  const auto watcher = Open();
  {
    std::ofstream copy(Path("a.mcap"));
    copy << "half " << std::flush;
    EXPECT_THAT(Take(*watcher), ElementsAre());
    copy << kEnd;
  }
  EXPECT_THAT(Take(*watcher), ElementsAre("a.mcap"));
}

// As file servers do: the name first, the contents later.
TEST_P(SpoolWatcherTest, ThatAWriterClosedItIsNoPromise) {
  const auto watcher = Open();
  WriteInPlace("empty.mcap", "");
  WriteInPlace("half.mcap", "half ");
  EXPECT_THAT(Take(*watcher), ElementsAre());
  std::ofstream(Path("empty.mcap"), std::ios::app) << kEnd;
  std::ofstream(Path("half.mcap"), std::ios::app) << kEnd;
  EXPECT_THAT(Take(*watcher), ::testing::UnorderedElementsAre("empty.mcap", "half.mcap"));
}

TEST_P(SpoolWatcherTest, WhatWasGivenUnfinishedAndGrewIsGivenAgain) {
  options_.settle = milliseconds(300);
  options_.rescan = milliseconds(50);
  const auto watcher = Open();
  WriteInPlace("a.mcap", "half ");
  EXPECT_THAT(Take(*watcher, 900), ElementsAre("a.mcap"));
  EXPECT_THAT(Take(*watcher, 500), ElementsAre());
  std::ofstream(Path("a.mcap"), std::ios::app) << kEnd;
  EXPECT_THAT(Take(*watcher, 500), ElementsAre("a.mcap"));
  std::ofstream(Path("a.mcap"), std::ios::app) << kEnd;  // a finished one is not
  EXPECT_THAT(Take(*watcher, 500), ElementsAre());
}

TEST_P(SpoolWatcherTest, AFileThatNobodyFinishesIsGivenAtLast) {
  options_.settle = milliseconds(300);
  options_.rescan = milliseconds(50);
  std::ofstream copy(Path("a.mcap"));  // stays open: no event tells its end
  copy << "half" << std::flush;
  const auto watcher = Open();
  EXPECT_THAT(Take(*watcher, 100), ElementsAre());
  EXPECT_THAT(Take(*watcher, 900), ElementsAre("a.mcap"));
}

TEST_P(SpoolWatcherTest, AnOldFileIsNotWaitedFor) {
  WriteInPlace("a.mcap", "damaged");
  fs::last_write_time(Path("a.mcap"), fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_THAT(Take(*Open()), ElementsAre("a.mcap"));
}

TEST_P(SpoolWatcherTest, ANameThatComesBackIsANewFile) {
  const auto watcher = Open();
  WriteWhole("a.mcap");
  EXPECT_THAT(Take(*watcher), ElementsAre("a.mcap"));
  fs::remove(Path("a.mcap"));
  EXPECT_THAT(Take(*watcher), ElementsAre());
  WriteWhole("a.mcap");
  EXPECT_THAT(Take(*watcher), ElementsAre("a.mcap"));
}

TEST_P(SpoolWatcherTest, AMissingFolderIsSaid) {
  const auto watcher = SpoolWatcher::Open({Path("none")}, options_);
  EXPECT_EQ(watcher.status().code(), Code::kNotFound);
  EXPECT_THAT(watcher.status().ToString(), ::testing::HasSubstr(Path("none")));
}

TEST_P(SpoolWatcherTest, AFolderThatGoesAwayIsSaid) {
  const auto watcher = Open();
  fs::remove_all(dir_);
  auto path = watcher->NextWithin(milliseconds(300));
  EXPECT_EQ(path.status().code(), Code::kNotFound);
}

TEST_P(SpoolWatcherTest, AStopRequestEndsTheWait) {
  std::atomic<bool> stop{false};
  SetStopFlag(&stop);
  const auto watcher = Open();
  std::thread later([&] {
    std::this_thread::sleep_for(milliseconds(30));
    stop = true;
  });
  EXPECT_EQ(watcher->Next().status().code(), Code::kInterrupted);
  later.join();
  SetStopFlag(nullptr);
}

// Writers as qt-collect has them, and one that copies in place, all at once; the watcher starts in
// the middle.
TEST_P(SpoolWatcherTest, ConcurrentWritersLoseAndHalveNothing) {
  constexpr int kWriters = 6, kFilesEach = 60;
  std::atomic<int> made{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kFilesEach; ++i) {
        const std::string id = std::to_string(w) + "x" + std::to_string(i);
        const std::string text = std::string(2000, 'x') + kEnd;
        if (w == 0) {
          std::ofstream file(Path("copy-" + id + ".mcap"));
          file << text.substr(0, 1500) << std::flush << text.substr(1500);
        } else {
          auto sink = CreateInSpool(dir_, "episodes", id, ".mcap");
          ASSERT_TRUE(sink.ok());
          ASSERT_TRUE((*sink)->Write(AsBytes(text)).ok());
          ASSERT_TRUE((*sink)->Commit().ok());
        }
        ++made;
      }
    });
  }
  while (made < 20) std::this_thread::yield();
  const auto watcher = Open();
  std::map<std::string, int> seen;
  for (int i = 0; i < kWriters * kFilesEach; ++i) {
    const auto path = watcher->NextWithin(milliseconds(5000));
    ASSERT_TRUE(path.ok() && *path) << "after " << i;
    EXPECT_TRUE(EndsWell(**path)) << **path;
    ++seen[**path];
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen.size(), size_t(kWriters * kFilesEach));
  EXPECT_THAT(Take(*watcher), ElementsAre());
}

// The kernel drops events when its queue is full (fs.inotify.max_queued_events, 16384 by default).
TEST_P(SpoolWatcherTest, AnOverflowingQueueLosesNothing) {
  if (!GetParam()) GTEST_SKIP() << "no queue";
  std::ifstream limit_file("/proc/sys/fs/inotify/max_queued_events");
  int limit = 16384;
  limit_file >> limit;
  if (limit > 40'000) GTEST_SKIP() << "the queue is too long to overflow here";
  const auto watcher = Open();
  WriteWhole(".one");
  const int count = limit + 500;
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(::link(Path(".one").c_str(), Path(std::to_string(i) + ".mcap").c_str()), 0);
  }
  const std::vector<std::string> names = Take(*watcher, 1000);
  EXPECT_EQ(names.size(), size_t(count));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), size_t(count));
}

}  // namespace
}  // namespace qt
