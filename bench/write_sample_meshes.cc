// SPDX-License-Identifier: Apache-2.0
// Writes a folder of parametric objects, as OBJ, binary and text STL in turn, and one URDF of
// several pieces: something to try `--objects DIR` with.
//
//   bench_write_sample_meshes DIR [N_OF_EACH_KIND]
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "sample_meshes.h"

namespace {

void Write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  if (file.flush()) return;
  std::fprintf(stderr, "write_sample_meshes: cannot write %s\n", path.c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_write_sample_meshes DIR [N_OF_EACH_KIND]\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const int n = argc > 2 ? std::atoi(argv[2]) : 3;
  std::filesystem::create_directories(folder / "hammer");
  for (const std::string kind : qt::bench::kSampleKinds) {
    for (int i = 0; i < n; ++i) {
      qt::RandomStream rng(2, "bench.write." + kind, uint64_t(i));
      const qt::bench::SampleMesh mesh = qt::bench::DrawSample(kind, rng);
      const std::string name = kind + "_" + std::to_string(i);
      if (i % 3 == 0) Write(folder / (name + ".obj"), qt::bench::ToObj(mesh));
      if (i % 3 == 1) Write(folder / (name + ".stl"), qt::bench::ToBinaryStl(mesh));
      if (i % 3 == 2) Write(folder / (name + ".stl"), qt::bench::ToAsciiStl(mesh));
    }
  }
  Write(folder / "hammer/head.stl",
        qt::bench::ToBinaryStl(qt::bench::Block({-11, -25, -11}, {11, 25, 11})));
  Write(folder / "hammer/hammer.urdf", qt::bench::SampleUrdf("head.stl"));
  return 0;
}
