// SPDX-License-Identifier: Apache-2.0
// How various the procedural sets are: quantiles of size, neck and mass of N objects of each, and
// how many of them are distinct. One line of JSON a set.
//
//   bench_object_variety [OBJECTS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "sim/families.h"

namespace {

struct Column {
  const char* name;
  std::vector<double> values;

  void Print() {
    std::sort(values.begin(), values.end());
    std::printf(", \"%s\": [", name);
    for (const int percent : {0, 5, 25, 50, 75, 95, 100}) {
      const size_t i = (values.size() - 1) * size_t(percent) / 100;
      std::printf("%s%.0f", percent == 0 ? "" : ", ", values[i]);
    }
    std::printf("]");
  }
};

std::string ShapeText(const qt::objects::ObjectSpec& object) {
  std::string text;
  char number[32];
  for (const qt::objects::Primitive& part : object.primitives) {
    text += qt::objects::ToMjcf(part.kind);
    for (const double v : part.size_m) {
      std::snprintf(number, sizeof number, " %.5f", v);  // to a hundredth of a millimetre
      text += number;
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5000;
  for (const char* name : {"train", "h1", "h2", "h3"}) {
    const qt::sim::ObjectSet set = *qt::sim::ParseObjectSet(name);
    Column longest{"longest_mm", {}}, middle{"middle_mm", {}}, shortest{"shortest_mm", {}},
        neck{"neck_mm", {}}, mass{"mass_g", {}};
    std::set<std::string> shapes, families;
    for (uint64_t k = 0; k < n; ++k) {
      qt::RandomStream rng(1, set.seed_purpose, k);
      const qt::objects::ObjectSpec object = qt::sim::DrawObject(set, rng);
      qt::Vec3 size = qt::objects::ExtentsOf(object).size_m();
      std::sort(size.begin(), size.end());
      double neck_m = 1;
      for (const auto& part : object.primitives) {
        neck_m = std::min(neck_m, qt::objects::SmallestWidth_m(part));
      }
      shortest.values.push_back(1e3 * size[0]);
      middle.values.push_back(1e3 * size[1]);
      longest.values.push_back(1e3 * size[2]);
      neck.values.push_back(1e3 * neck_m);
      mass.values.push_back(1e3 * object.mass_kg);
      shapes.insert(ShapeText(object));
      families.insert(object.family);
    }
    std::printf("{\"objects\": \"%s\", \"drawn\": %llu, \"distinct\": %zu, \"families\": %zu", name,
                static_cast<unsigned long long>(n), shapes.size(), families.size());
    for (Column* column : {&longest, &middle, &shortest, &neck, &mass}) column->Print();
    std::printf("}\n");
  }
  return 0;
}
