// SPDX-License-Identifier: Apache-2.0
// Checks formats/robot/samples: every line of good/*.ndjson is a message of a driver (driver*) or
// of a client (client*), every line of bad/*.ndjson is refused with the line of *.error beside it.
// usage: robot_samples DIR [--update]      (--update writes the *.error files)
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "protocol/robot_wire.h"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<fs::path> SamplesIn(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".ndjson") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

qt::Status Decode(const fs::path& path, const std::string& line) {
  qt::protocol::Frame frame{line, {}};
  if (path.filename().string().starts_with("client")) {
    return qt::protocol::DecodeRobotRequest(frame).status();
  }
  return qt::protocol::DecodeDriverMessage(std::move(frame)).status();
}

// What is said about each line; "ok" where nothing is wrong.
std::string Verdicts(const fs::path& path) {
  const qt::Result<std::string> text = qt::ReadWholeFile(path.string());
  if (!text.ok()) return text.status().ToString();
  std::string verdicts;
  for (const std::string& line : LinesOf(*text)) {
    const qt::Status status = Decode(path, line);
    verdicts += (status.ok() ? "ok" : status.message()) + "\n";
  }
  return verdicts;
}

int CheckGood(const fs::path& path) {
  const std::string verdicts = Verdicts(path);
  const std::vector<std::string> lines = LinesOf(verdicts);
  const bool good = !lines.empty() && std::all_of(lines.begin(), lines.end(),
                                                  [](const auto& line) { return line == "ok"; });
  if (!good) std::printf("%s:\n%s", path.c_str(), verdicts.c_str());
  return good ? 0 : 1;
}

int CheckBad(fs::path path, bool update) {
  const std::string verdicts = Verdicts(path);
  path.replace_extension(".error");
  if (update) {
    return qt::WriteWholeFile(path.string(), verdicts, qt::Overwrite::kYes).ok() ? 0 : 1;
  }
  const qt::Result<std::string> wanted = qt::ReadWholeFile(path.string());
  const bool same =
      wanted.ok() && *wanted == verdicts && verdicts.find("ok\n") == std::string::npos;
  if (!same) std::printf("%s is not:\n%s", path.c_str(), verdicts.c_str());
  return same ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const fs::path folder = argv[1];
  int failures = 0;
  for (const fs::path& path : SamplesIn(folder / "good")) failures += CheckGood(path);
  for (const fs::path& path : SamplesIn(folder / "bad")) failures += CheckBad(path, argc > 2);
  return failures > 0 ? 1 : 0;
}
