// SPDX-License-Identifier: Apache-2.0
#include "base/threads.h"

#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace qt {

Status Guarded(const std::function<Status()>& run) {
  try {
    return run();
  } catch (const ContractError& error) {
    return Failed(std::string("a contract inside the program was broken: ") + error.what());
  } catch (const std::bad_alloc&) {
    return Failed("out of memory");
  } catch (const std::exception& error) {
    return Failed(error.what());
  }
}

Threads::~Threads() {
  if (stop_ && !threads_.empty()) stop_();
  Join();
}

Status Threads::Start(std::function<void()> work) {
  try {
    threads_.emplace_back(std::move(work));
  } catch (const std::system_error& error) {
    return FromErrno(error.code().value(), "cannot start another thread");
  }
  return Ok();
}

void Threads::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Status RunInThreads(int num_threads, const std::function<Status()>& work,
                    const std::function<void()>& stop) {
  std::mutex mutex;
  Status first_failure;
  const auto run = [&] {
    Status status = Guarded(work);
    if (status.ok()) return;
    const std::lock_guard lock(mutex);
    if (!first_failure.ok()) return;
    first_failure = std::move(status);
    stop();
  };
  Threads helpers(stop);
  for (int i = 1; i < num_threads; ++i) {
    const Status started = helpers.Start(run);
    if (started.ok()) continue;
    LogDebug(started.ToString() + "; " + std::to_string(i) + " do the work");
    break;
  }
  run();
  helpers.Join();
  return first_failure;
}

}  // namespace qt
