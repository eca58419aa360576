// SPDX-License-Identifier: Apache-2.0
#include "base/output_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/digest.h"
#include "base/file.h"

namespace qt {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel has it

bool IsNumber(const std::string& text) {
  if (text.empty() || text.size() > 9) return false;
  for (char c : text) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// N if `path` is the entry N of this process's table of descriptors. A thread has its own view of
// the same table.
std::optional<int> DescriptorAt(const std::string& path) {
  const std::string name = NameOf(path);
  if (!IsNumber(name)) return std::nullopt;
  char folder[PATH_MAX];
  if (::realpath(FolderOf(path).c_str(), folder) == nullptr) return std::nullopt;
  const std::string process = "/proc/" + std::to_string(::getpid());
  const std::string table = folder;
  const bool own =
      table == process + "/fd" || (table.starts_with(process + "/task/") && table.ends_with("/fd"));
  return own ? std::optional(std::atoi(name.c_str())) : std::nullopt;
}

Status MayFollow(const std::string& link, const struct stat& info) {
  struct stat folder = {};
  if (::stat(FolderOf(link).c_str(), &folder) != 0) return FromErrno(errno, "cannot follow");
  if (info.st_uid == ::geteuid() || info.st_uid == 0 || info.st_uid == folder.st_uid) return Ok();
  return Failed("the link " + link + " belongs to another user; will not write through it");
}

Result<std::string> TargetOf(const std::string& link) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::read_symlink(link, error);
  if (error) return Failed("cannot follow the link: " + error.message());
  if (target.empty()) return Failed("is a link to nothing");
  return target.is_absolute() ? target.string() : FolderOf(link) + "/" + target.string();
}

// What stands behind the links, without a path in its errors.
Result<OutputPlace> Follow(std::string path) {
  OutputPlace place;
  for (int links = 0; links <= kMaxLinks; ++links) {
    if (path.empty() || path.back() == '/') return Failed("is no file name");
    if (const std::optional<int> descriptor = DescriptorAt(path)) {
      return OutputPlace{OutputPlace::Kind::kDescriptor, path, true, *descriptor};
    }
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0) {
      if (errno != ENOENT) return Failed(std::strerror(errno));
      if (links > 0 && ::stat(FolderOf(path).c_str(), &info) != 0 && errno == ENOENT) {
        return NotFound("is a link to " + path + ", whose folder is not there");
      }
      place.path = path;
      return place;
    }
    if (!S_ISLNK(info.st_mode)) {
      if (S_ISDIR(info.st_mode)) return Failed("is a folder, not a file");
      place.path = path;
      place.exists = true;
      if (!S_ISREG(info.st_mode)) place.kind = OutputPlace::Kind::kInPlace;
      return place;
    }
    QT_TRY(MayFollow(path, info));
    QT_ASSIGN(path, TargetOf(path));
  }
  return Failed("too many links, or a loop of them");
}

size_t LongestName(const std::string& folder) {
  const long longest = ::pathconf(folder.c_str(), _PC_NAME_MAX);
  return longest > 0 ? static_cast<size_t>(longest) : NAME_MAX;
}

}  // namespace

Result<OutputPlace> PlaceOf(const std::string& path) {
  Result<OutputPlace> place = Follow(path);
  if (!place.ok()) return std::move(place).status().At(path);
  return place;
}

bool NamesStdout(const std::string& output) {
  if (output == "-") return true;
  const Result<OutputPlace> place = PlaceOf(output);
  return place.ok() && place->kind == OutputPlace::Kind::kDescriptor &&
         place->descriptor == STDOUT_FILENO;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string TemporaryBeside(const std::string& path) {
  static std::atomic<int> counter{0};
  const std::string name = NameOf(path);
  const std::string ending =
      "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
  const std::string folder = path.substr(0, path.size() - name.size());
  if (1 + name.size() + ending.size() <= LongestName(FolderOf(path))) {
    return folder + "." + name + ending;
  }
  return folder + "." + Sha256Hex(AsBytes(name)).substr(0, 16) + ending;
}

}  // namespace qt
