// SPDX-License-Identifier: Apache-2.0
#include "serve/socket_stream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace qt::serve {
namespace {

std::chrono::steady_clock::duration Seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

SocketStream::SocketStream(int socket, int stop_fd, std::string name, StreamLimits limits)
    : socket_(socket),
      stop_fd_(stop_fd),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      name_(std::move(name)),
      limits_(limits) {
  if (wake_fd_ < 0) status_ = FromErrno(errno, "eventfd");
}

SocketStream::~SocketStream() {
  ::close(socket_);
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

Status SocketStream::GiveUp(std::string why) {
  unsent_.clear();
  sent_ = 0;
  status_ = Status(Code::kClosedPipe, std::move(why));
  return status_;
}

void SocketStream::Discard() {
  const std::lock_guard lock(mutex_);
  static_cast<void>(GiveUp("out of memory").ok());
  Wake();
}

void SocketStream::Wake() {
  const uint64_t one = 1;
  static_cast<void>(::write(wake_fd_, &one, sizeof one));
}

Status SocketStream::SendUnsent() {
  QT_TRY(Status(status_));
  while (sent_ < unsent_.size()) {
    const ssize_t n =
        ::send(socket_, &unsent_[sent_], unsent_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Ok();
    if (n < 0) return GiveUp("the client went away");
    sent_ += static_cast<size_t>(n);
    progress_ = Clock::now();
  }
  unsent_.clear();
  sent_ = 0;
  return Ok();
}

Status SocketStream::Write(ByteSpan bytes) {
  const std::lock_guard lock(mutex_);
  QT_TRY(Status(status_));
  const bool was_empty = unsent_.empty();
  if (unsent_.size() - sent_ > 2 * limits_.max_unsent_bytes) {
    return GiveUp("the client does not read its answers");
  }
  if (was_empty) progress_ = Clock::now();
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
  QT_TRY(SendUnsent());
  if (was_empty && !unsent_.empty()) Wake();  // who waits for input must wait for room, too
  return Ok();
}

size_t SocketStream::NumUnsent() {
  const std::lock_guard lock(mutex_);
  return unsent_.size() - sent_;
}

bool SocketStream::Stalled() {
  const std::lock_guard lock(mutex_);
  return !unsent_.empty() && Clock::now() - progress_ > Seconds(limits_.stall_s);
}

// Until there is input, room was used, somebody woke us, or `until`.
Status SocketStream::Wait(bool for_input, Clock::time_point until, bool* has_input) {
  const size_t unsent = NumUnsent();
  const bool reads = for_input && unsent <= limits_.max_unsent_bytes;
  const auto events = static_cast<short>((reads ? POLLIN : 0) | (unsent > 0 ? POLLOUT : 0));
  std::array<pollfd, 3> fds = {
      pollfd{socket_, events, 0}, {wake_fd_, POLLIN, 0}, {for_input ? stop_fd_ : -1, POLLIN, 0}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  const int longest_ms = unsent > 0 ? 500 : 60'000;
  const int n =
      ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<int64_t>(left, 0, longest_ms)));
  if (n < 0 && errno != EINTR) return FromErrno(errno, "poll").At(name_);
  if (n <= 0) return Ok();
  if (fds[2].revents != 0) return Status(Code::kInterrupted, "the server is stopping");
  if (fds[1].revents != 0) {
    uint64_t count;
    static_cast<void>(::read(wake_fd_, &count, sizeof count));
  }
  const std::lock_guard lock(mutex_);
  if ((fds[0].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) QT_TRY(SendUnsent());
  *has_input = reads && (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
  if (!reads && (fds[0].revents & (POLLHUP | POLLERR)) != 0) return GiveUp("the client went away");
  return Ok();
}

Result<size_t> SocketStream::Read(std::span<uint8_t> bytes) {
  for (;;) {
    const auto now = Clock::now();
    if (deadline_ && now >= *deadline_) return Status(Code::kBusy, "the client is too slow");
    const bool holds_back = NumUnsent() > limits_.max_unsent_bytes;
    bool has_input = false;
    QT_TRY(Wait(true, deadline_.value_or(now + std::chrono::hours(1)), &has_input));
    if (holds_back && deadline_) *deadline_ += Clock::now() - now;  // we did not read
    if (Stalled()) {
      const std::lock_guard lock(mutex_);
      return GiveUp("the client does not read its answers");
    }
    if (Status given_up = WrittenSoFar(); !given_up.ok()) return given_up;
    if (!has_input) continue;
    const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n > 0 && once_begun_) deadline_ = now + *std::exchange(once_begun_, std::nullopt);
    at_end_ = n == 0 || (n < 0 && errno == ECONNRESET);
    if (at_end_) return size_t{0};
    if (n > 0) return static_cast<size_t>(n);
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      return FromErrno(errno, "the client cannot be read").At(name_);
    }
  }
}

void SocketStream::AllowReads(double seconds) {
  deadline_ = Clock::now() + Seconds(seconds);
  once_begun_.reset();
}

void SocketStream::AllowOnceBegun(double seconds) {
  deadline_.reset();
  once_begun_ = Seconds(seconds);
}

void SocketStream::Linger(double silence_s, double longest_s) {
  ::shutdown(socket_, SHUT_WR);
  const auto give_up = Clock::now() + Seconds(longest_s);
  std::array<uint8_t, 4096> forgotten;
  while (!at_end_) {
    const auto until = std::min(give_up - Clock::now(), Seconds(silence_s));
    if (until <= until.zero()) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until).count();
    std::array<pollfd, 2> fds = {pollfd{socket_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
    const int n = ::poll(fds.data(), fds.size(), static_cast<int>(left));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || fds[1].revents != 0) return;
    const ssize_t got = ::recv(socket_, forgotten.data(), forgotten.size(), MSG_DONTWAIT);
    at_end_ = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
  }
}

Status SocketStream::WrittenSoFar() {
  const std::lock_guard lock(mutex_);
  return status_;
}

Status SocketStream::Drain(double patience_s) {
  const auto until = Clock::now() + Seconds(patience_s);
  while (NumUnsent() > 0) {
    if (Clock::now() >= until) return Failed("the client does not read its answers").At(name_);
    bool has_input = false;
    QT_TRY(Wait(false, until, &has_input));
  }
  return WrittenSoFar();
}

}  // namespace qt::serve
