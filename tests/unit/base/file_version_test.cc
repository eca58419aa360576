// SPDX-License-Identifier: Apache-2.0
#include "base/file_version.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/temp_dir.h"

namespace qt {
namespace {

class FileVersionTest : public ::testing::Test {
 protected:
  void Put(const std::string& name, const std::string& contents) {
    ASSERT_TRUE(WriteWholeFile(dir_.File(name), contents, Overwrite::kYes).ok());
  }
  FileVersion Version(const std::string& name) { return FileVersionOf(dir_.File(name)).value(); }
  TempDir dir_;
};

TEST_F(FileVersionTest, TellsAReplacedFileFromTheSameOne) {
  Put("a", "12");
  const FileVersion before = Version("a");
  EXPECT_EQ(before, Version("a"));
  EXPECT_EQ(before.size_bytes, 2);
  Put("a", "34");
  EXPECT_NE(before, Version("a"));
  EXPECT_FALSE(before.SameFile(Version("a")));
}

TEST_F(FileVersionTest, PermissionsAreAChangeThoughTheContentsAreTheSame) {
  Put("a", "12");
  const FileVersion before = Version("a");
  ::usleep(20'000);  // the clock of a file system is coarse
  ASSERT_EQ(::chmod(dir_.File("a").c_str(), 0600), 0);
  EXPECT_NE(before, Version("a"));
  EXPECT_TRUE(before.SameContents(Version("a")));
}

TEST_F(FileVersionTest, FoldersPipesAndLinksAreNoRegularFiles) {
  Put("a", "12");
  ASSERT_EQ(::mkfifo(dir_.File("pipe").c_str(), 0600), 0);
  ASSERT_EQ(::symlink(dir_.File("a").c_str(), dir_.File("link").c_str()), 0);
  EXPECT_FALSE(FileVersionOf(dir_.File("none")));
  EXPECT_FALSE(Version("pipe").is_regular);
  EXPECT_FALSE(RegularFileVersionOf(dir_.path()));
  EXPECT_TRUE(Version("link").SameFile(Version("a")));
  EXPECT_FALSE(RegularFileVersionOf(dir_.File("link"), Links::kStay));
}

}  // namespace
}  // namespace qt
