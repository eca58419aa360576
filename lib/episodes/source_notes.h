// SPDX-License-Identifier: Apache-2.0
// What several sources of episodes met, put together: damage, programs without repetitions, and
// bytes.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "episodes/episode_source.h"

namespace qt::episodes {

class SourceNotes {
 public:
  // How much of one source's notes was taken.
  struct Cursor {
    size_t damage = 0, programs = 0;
    uint64_t bytes = 0;
  };
  // What is new since the last time.
  void Take(const EpisodeSource& source, Cursor* cursor) {
    for (; cursor->damage < source.damage().size(); ++cursor->damage) {
      damage.push_back(source.damage()[cursor->damage]);
    }
    for (; cursor->programs < source.programs().size(); ++cursor->programs) {
      const Program& program = source.programs()[cursor->programs];
      if (known_.insert(program).second) programs.push_back(program);
    }
    bytes_read += source.bytes_read() - std::exchange(cursor->bytes, source.bytes_read());
  }

  std::vector<Damage> damage;
  std::vector<Program> programs;
  uint64_t bytes_read = 0;

 private:
  std::set<Program> known_;
};

}  // namespace qt::episodes
