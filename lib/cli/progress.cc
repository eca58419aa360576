// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <mutex>

#include "base/log.h"

namespace qt::cli {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

size_t TerminalColumns() {
  winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1u : 79u;
}

bool IsPipe(int descriptor) {
  struct stat about = {};
  return ::fstat(descriptor, &about) == 0 && S_ISFIFO(about.st_mode);
}

class NoProgress : public Progress {
 public:
  void Update(uint64_t, const std::string&) override {}
};

class LineProgress : public Progress {
 public:
  LineProgress(const std::string& tool, std::string unit, uint64_t total)
      : head_(tool + ": "), unit_(std::move(unit)), total_(total), start_(Clock::now()) {}
  ~LineProgress() override { SetProgressLine(""); }

  void Update(uint64_t done, const std::string& note) override {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
    drawn_ = true;
    last_ = now;
    const std::string text =
        head_ + ProgressText(unit_, done, total_, SecondsSince(start_), note, TerminalColumns());
    SetProgressLine(text.substr(0, TerminalColumns()));
  }

 private:
  const std::string head_, unit_;
  const uint64_t total_;
  const Clock::time_point start_;
  std::mutex mutex_;
  Clock::time_point last_;
  bool drawn_ = false;
};

std::string Format(const char* format, double value) {
  std::array<char, 48> buffer;
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return buffer.data();
}

}  // namespace

std::string DurationText(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::min(seconds, 3.6e8)));
  std::array<char, 48> buffer;
  if (whole < 60) {
    std::snprintf(buffer.data(), buffer.size(), "%llds", whole);
  } else if (whole < 3600) {
    std::snprintf(buffer.data(), buffer.size(), "%lldm%02llds", whole / 60, whole % 60);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%lldh%02lldm", whole / 3600, whole / 60 % 60);
  }
  return buffer.data();
}

std::string ProgressText(const std::string& unit, uint64_t done, uint64_t total, double elapsed_s,
                         const std::string& note, size_t columns) {
  std::string text = std::to_string(done);
  if (total > 0) text += "/" + std::to_string(total);
  text += " " + unit;
  if (total > 0) text += Format(" %.0f%%", 100.0 * double(done) / double(total));
  if (done > 0 && elapsed_s > 0) {
    const double rate = double(done) / elapsed_s;
    text += Format(rate < 10 ? " %.2g/s" : " %.0f/s", rate);
    if (total > done) text += " ETA " + DurationText(double(total - done) / rate);
  }
  if (!note.empty()) text += " " + note;
  return text.substr(0, columns);
}

std::unique_ptr<Progress> MakeProgress(const std::string& tool, When when, bool quiet,
                                       std::string unit, uint64_t total) {
  if (when == When::kAuto) {
    const bool suits = !quiet && ::isatty(STDERR_FILENO) == 1 && !IsPipe(STDOUT_FILENO);
    when = suits ? When::kOn : When::kOff;
  }
  if (when == When::kOff) return std::make_unique<NoProgress>();
  return std::make_unique<LineProgress>(tool, std::move(unit), total);
}

}  // namespace qt::cli
