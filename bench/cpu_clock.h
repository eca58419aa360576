// SPDX-License-Identifier: Apache-2.0
// Time of the processor, all threads of the program together: what a benchmark of arithmetic
// measures, so that another load on the machine counts little.
#pragma once

#include <ctime>

inline double Cpu_s() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
