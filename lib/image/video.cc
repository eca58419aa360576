// SPDX-License-Identifier: Apache-2.0
#include "image/video.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/check.h"

namespace qt {
namespace {

constexpr double kPatience_s = 60;  // for a frame to be taken, and for the file to be finished

bool EndsWith(const std::string& text, const std::string& ending) {
  return text.size() > ending.size() && text.ends_with(ending);
}

// ffmpeg opens our own file by its descriptor, so that it cannot be led to another one meanwhile.
std::string NameForFfmpeg(const ByteSink& file) {
  return "file:/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file.descriptor());
}

std::vector<std::string> CommandLine(const std::string& path, const ByteSink& file, int width_px,
                                     int height_px, double frames_per_s) {
  char size[32], rate[32];
  std::snprintf(size, sizeof size, "%dx%d", width_px, height_px);
  std::snprintf(rate, sizeof rate, "%.6g", frames_per_s);
  std::vector<std::string> argv = {"ffmpeg", "-nostdin",   "-loglevel", "error", "-y",
                                   "-f",     "rawvideo",   "-pix_fmt",  "rgb24", "-video_size",
                                   size,     "-framerate", rate,        "-i",    "pipe:0"};
  std::vector<std::string> output;
  if (EndsWith(path, ".gif")) {
    // One palette for each frame, so that frames need not be kept.
    output = {"-filter_complex",
              "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1", "-f", "gif"};
  } else {
    // H.264 in the colours that every player knows needs even sides.
    output = {"-vf",       "pad=ceil(iw/2)*2:ceil(ih/2)*2",
              "-c:v",      "libx264",
              "-crf",      "18",
              "-pix_fmt",  "yuv420p",
              "-movflags", "+faststart",
              "-f",        "mp4"};
  }
  argv.insert(argv.end(), output.begin(), output.end());
  argv.push_back(NameForFfmpeg(file));
  return argv;
}

// The last line of what ffmpeg said.
std::string LastLine(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const size_t start = text.rfind('\n');
  return start == std::string::npos ? text : text.substr(start + 1);
}

}  // namespace

bool IsVideoName(const std::string& path) {
  return EndsWith(path, ".mp4") || EndsWith(path, ".gif");
}

Result<std::unique_ptr<VideoWriter>> VideoWriter::Start(const std::string& path, int width_px,
                                                        int height_px, double frames_per_s,
                                                        Overwrite overwrite) {
  QT_CHECK(IsVideoName(path), path);
  QT_CHECK(width_px > 0 && height_px > 0 && frames_per_s > 0, width_px, height_px, frames_per_s);
  QT_ASSIGN(std::unique_ptr<ByteSink> file, CreateFile(path, overwrite));
  auto ffmpeg =
      ChildProcess::Start(CommandLine(path, *file, width_px, height_px, frames_per_s), kPatience_s);
  if (!ffmpeg.ok()) {
    return Failed("videos are made by ffmpeg, and: " + ffmpeg.status().message()).At(path);
  }
  return std::unique_ptr<VideoWriter>(
      new VideoWriter(std::move(ffmpeg).value(), std::move(file), width_px, height_px));
}

VideoWriter::VideoWriter(std::unique_ptr<ChildProcess> ffmpeg, std::unique_ptr<ByteSink> file,
                         int width_px, int height_px)
    : file_(std::move(file)),
      ffmpeg_(std::move(ffmpeg)),
      width_px_(width_px),
      height_px_(height_px) {}

Status VideoWriter::Failure(const std::string& how) {
  const std::string said = LastLine(ffmpeg_->TakeHeldStderr());
  return Failed("ffmpeg " + how + (said.empty() ? "" : ": " + said)).At(file_->name());
}

Status VideoWriter::Add(const RgbImage& frame) {
  QT_CHECK(frame.width_px == width_px_ && frame.height_px == height_px_, frame.width_px,
           frame.height_px);
  const Status written = ffmpeg_->Write(frame.rgb_HWC);
  if (written.ok()) return Ok();
  if (written.code() == Code::kClosedPipe) return Failure(ffmpeg_->End(1));
  return Failed("ffmpeg: " + written.message()).At(file_->name());
}

Status VideoWriter::Finish() {
  ffmpeg_->CloseInput();
  const std::string how = ffmpeg_->End(kPatience_s);
  if (how != "ended with exit status 0") return Failure(how);
  return file_->Commit();
}

}  // namespace qt
