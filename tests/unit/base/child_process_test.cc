// SPDX-License-Identifier: Apache-2.0
#include "base/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

namespace qt {
namespace {

std::unique_ptr<ChildProcess> Shell(const std::string& script) {
  auto child = ChildProcess::Start({"/bin/sh", "-c", script}, 5, Orphan::kEndOfInput);
  EXPECT_TRUE(child.ok()) << child.status().ToString();
  return std::move(child).value();
}

// The first line of its output as a number.
pid_t ReadPid(ChildProcess& child) {
  std::string text;
  while (!text.ends_with('\n')) {
    uint8_t byte = 0;
    const Result<size_t> n = child.Read({&byte, 1});
    if (!n.ok() || *n == 0) return 0;
    text += static_cast<char>(byte);
  }
  return static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10));
}

// One that has ended and that process 1 has not waited for does not run.
bool Runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const size_t name_end = stat.rfind(") ");
  return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(ChildProcess, SaysHowItEnded) {
  EXPECT_EQ(Shell("exit 3")->End(5), "ended with exit status 3");
  EXPECT_EQ(Shell("kill -9 $$")->End(5), "was killed by signal 9 (Killed)");
  EXPECT_EQ(Shell("exec sleep 1000")->End(0), "was killed by signal 15 (Terminated)");
}

TEST(ChildProcess, WhatIgnoresSigtermIsKilled) {
  const auto child = Shell("trap '' TERM; echo $$; while :; do sleep 1000; done");
  const pid_t pid = ReadPid(*child);
  EXPECT_EQ(child->End(0), "was killed by signal 9 (Killed)");
  EXPECT_TRUE(child->gone());
  EXPECT_FALSE(Runs(pid));
}

TEST(ChildProcess, WhatItHasStartedEndsWithIt) {
  const auto child = Shell("(trap '' TERM; exec sleep 1000) & echo $!");
  const pid_t pid = ReadPid(*child);
  ASSERT_TRUE(Runs(pid));
  EXPECT_EQ(child->End(0.1), "ended with exit status 0") << "of the shell itself";
  EXPECT_TRUE(child->gone());
  EXPECT_FALSE(Runs(pid));
}

TEST(ChildProcess, WhatItHasStartedHasItsPatience) {
  const auto child = Shell("(sleep 0.4; echo late) &");
  EXPECT_EQ(child->End(10), "ended with exit status 0");
  std::string said(4, ' ');
  const Result<size_t> n = child->Read({reinterpret_cast<uint8_t*>(said.data()), said.size()});
  EXPECT_TRUE(n.ok() && *n == 4);
  EXPECT_EQ(said, "late");
}

TEST(ChildProcess, EndMayBeCalledAgain) {
  const auto child = Shell("exit 4");
  EXPECT_EQ(child->End(5), "ended with exit status 4");
  EXPECT_LT(SecondsOf([&] { EXPECT_EQ(child->End(5), "ended with exit status 4"); }), 1);
  child->Signal(SIGTERM);
}

}  // namespace
}  // namespace qt
