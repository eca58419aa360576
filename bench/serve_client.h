// SPDX-License-Identifier: Apache-2.0
// A qt-serve that runs as a child, and requests for its model. For serve_latency, serve_soak and
// serve_peer.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/file.h"
#include "image/image.h"
#include "protocol/wire.h"
#include "support/socket_client.h"

namespace qt::bench {

using Clock = std::chrono::steady_clock;
using test::SocketClient;

inline double Since_ms(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Ends the child when it goes.
class ServerProcess {
 public:
  ServerProcess(std::vector<std::string> argv, std::string socket_path)
      : socket_path_(std::move(socket_path)) {
    std::vector<char*> words;
    for (std::string& word : argv) words.push_back(word.data());
    words.push_back(nullptr);
    if (::posix_spawnp(&pid_, words[0], nullptr, nullptr, words.data(), environ) != 0) pid_ = -1;
  }
  ~ServerProcess() {
    if (pid_ > 0) Stop();
  }
  int Stop() {
    int status = 0;
    ::kill(pid_, SIGTERM);
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }
  // What it serves, once it is ready.
  std::optional<protocol::ServerHello> AwaitHello() const {
    for (int i = 0; i < 1200 && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
      SocketClient client(socket_path_);
      if (client.connected()) {
        const auto reply = client.Ask(protocol::ClientHello{});
        if (reply) return std::get<protocol::ServerHello>(*reply);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return std::nullopt;
  }
  double rss_mb() const {
    const std::string path = "/proc/" + std::to_string(pid_) + "/statm";
    const Result<std::string> text = ReadWholeFile(path);
    if (!text.ok()) return 0;
    return std::strtod(text->c_str() + text->find(' '), nullptr) * double(::sysconf(_SC_PAGESIZE)) /
           1e6;
  }

 private:
  pid_t pid_ = -1;
  std::string socket_path_;
};

// A picture with something in it, compressed as qt-collect does.
inline Observation SampleObservation(const protocol::ServerHello& hello) {
  RgbImage image{hello.image_width_px, hello.image_height_px, {}};
  for (int v = 0; v < image.height_px; ++v) {
    for (int u = 0; u < image.width_px; ++u) {
      for (int c = 1; c <= 3; ++c) image.rgb_HWC.push_back(uint8_t(c * (u ^ v) + u / 2 + v));
    }
  }
  Observation observation;
  observation.image = EncodeJpeg(image);
  CameraModel& camera = observation.camera;
  camera = {image.width_px,
            image.height_px,
            1.4 * image.width_px,
            1.4 * image.width_px,
            image.width_px / 2.0,
            image.height_px / 2.0,
            {}};
  camera.X_WC = {{0, 0, 0.6}, {0, 1, 0, 0}};
  observation.gripper.height_m = 0.15f;
  return observation;
}

inline protocol::ActRequest SampleRequest(const Observation& observation, uint64_t id) {
  protocol::ActRequest request;
  request.id = id;
  request.seed = id / 20;
  request.observation = observation;
  request.observation.step = static_cast<uint32_t>(id % 20);
  request.has_camera = true;
  return request;
}

// 0 of nothing.
inline double Quantile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + ptrdiff_t(share * double(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace qt::bench
