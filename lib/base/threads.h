// SPDX-License-Identifier: Apache-2.0
// Threads that end before the scope that started them, whether it returns or throws; and what is
// thrown inside of one as a Status, because nobody stands above a thread to catch it.
#pragma once

#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"

namespace qt {

// What `run` returns. What it throws (a broken contract, a full memory, a library's own) is
// kFailed.
Status Guarded(const std::function<Status()>& run);

class Threads {
 public:
  // `stop` makes the threads end soon; empty if they do so by themselves. It is called by the
  // destructor, before it waits.
  explicit Threads(std::function<void()> stop = {}) : stop_(std::move(stop)) {}
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  // `work` must not throw. Fails if the system gives no further thread.
  Status Start(std::function<void()> work);
  // Waits until all have ended by themselves.
  void Join();

 private:
  const std::function<void()> stop_;
  std::vector<std::thread> threads_;
};

// Runs `work` in `num_threads` threads, of which this is one, and waits for all of them; in fewer,
// if the system gives no more. After the first failure `stop` is called, so that the others end
// soon; that failure is returned.
Status RunInThreads(int num_threads, const std::function<Status()>& work,
                    const std::function<void()>& stop);

}  // namespace qt
