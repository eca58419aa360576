// SPDX-License-Identifier: Apache-2.0
#include "tensors/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "base/check.h"
#include "base/digest.h"
#include "support/temp_dir.h"

namespace qt::tensors {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes Floats(std::vector<float> values) {
  Bytes bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string WithHeader(const std::string& header, const std::string& data) {
  std::string file(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  return file + header + data;
}

class SafetensorsTest : public ::testing::Test {
 protected:
  std::string Save(const std::string& contents) {
    const std::string path = dir_.File("x.safetensors");
    EXPECT_TRUE(WriteWholeFile(path, contents, Overwrite::kYes).ok());
    return path;
  }
  std::string LoadError(const std::string& contents) {
    const auto loaded = LoadSafetensors(Save(contents));
    return loaded.ok() ? "ok" : loaded.status().ToString();
  }
  TempDir dir_;
};

TEST_F(SafetensorsTest, RoundTrip) {
  const std::vector<Tensor> tensors = {
      {"rng", "U8", {3}, {1, 2, 3}},
      {"layer.weight", "F32", {2, 1}, Floats({1.5f, -2})},
      {"step", "I64", {}, Bytes(8, 7)},
      {"nothing", "F32", {0, 4}, {}},
  };
  const TensorMetadata metadata = {{"qt.config", "{\"a\": \"ä\\n\"}"}, {"format", "qt"}};
  const std::string path = dir_.File("m.safetensors");
  ASSERT_TRUE(SaveSafetensors(path, tensors, metadata, Overwrite::kNo).ok());
  const auto loaded = LoadSafetensors(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ(loaded->metadata, metadata);
  ASSERT_EQ(loaded->tensors.size(), 4u);
  for (const Tensor& tensor : tensors) {
    const auto found = std::find_if(loaded->tensors.begin(), loaded->tensors.end(),
                                    [&](const Tensor& t) { return t.name == tensor.name; });
    ASSERT_NE(found, loaded->tensors.end());
    EXPECT_EQ(found->dtype, tensor.dtype);
    EXPECT_EQ(found->shape, tensor.shape);
    EXPECT_EQ(found->bytes, tensor.bytes);
  }
  EXPECT_EQ(loaded->sha256, Sha256Hex(AsBytes(*ReadWholeFile(path))));
}

// Written by hand from the format's description.
TEST_F(SafetensorsTest, GoldenBytes) {
  const std::vector<Tensor> tensors = {{"b", "U8", {1}, {9}}, {"a", "F32", {1}, Floats({1})}};
  const std::string path = dir_.File("m.safetensors");
  ASSERT_TRUE(SaveSafetensors(path, tensors, {{"k", "v"}}, Overwrite::kNo).ok());
  std::string header =
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(*ReadWholeFile(path), WithHeader(header, std::string("\0\0\x80\x3f\x09", 5)));
}

TEST_F(SafetensorsTest, RefusesWrongTensors) {
  const std::string path = dir_.File("m");
  const std::vector<Tensor> short_data = {{"a", "F32", {2}, Bytes(4)}};
  EXPECT_THROW((void)SaveSafetensors(path, short_data, {}, Overwrite::kNo), ContractError);
  const std::vector<Tensor> twice = {{"a", "U8", {0}, {}}, {"a", "U8", {0}, {}}};
  EXPECT_THROW((void)SaveSafetensors(path, twice, {}, Overwrite::kNo), ContractError);
  EXPECT_THAT(dir_.Names(), ::testing::IsEmpty());
}

TEST_F(SafetensorsTest, ErrorsNamePathAndOffset) {
  EXPECT_THAT(LoadError("short"),
              AllOf(HasSubstr("x.safetensors: is too short"), HasSubstr("byte 0")));
  EXPECT_THAT(LoadError("this is a text file, not a model"), HasSubstr("no safetensors file"));
  EXPECT_THAT(LoadError(WithHeader("{\"a\": nope}", "")),
              AllOf(HasSubstr("the header is no JSON"), HasSubstr("(at byte 15)")));
  EXPECT_THAT(LoadError(WithHeader("[]", "")), HasSubstr("no JSON object"));
}

TEST_F(SafetensorsTest, RejectsImpossibleEntries) {
  const auto entry = [](const std::string& dtype, const std::string& shape,
                        const std::string& offsets) {
    return WithHeader("{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
                          ",\"data_offsets\":" + offsets + "}}",
                      "12345678");
  };
  EXPECT_EQ(LoadError(entry("F32", "[2]", "[0,8]")), "ok");
  EXPECT_THAT(LoadError(entry("F31", "[2]", "[0,8]")), HasSubstr("dtype F31 is unknown"));
  EXPECT_THAT(LoadError(entry("F32", "[3]", "[0,8]")), HasSubstr("do not match"));
  EXPECT_THAT(LoadError(entry("F32", "[-2]", "[0,8]")), HasSubstr("shape is missing"));
  EXPECT_THAT(LoadError(entry("F32", "[4611686018427387904,4611686018427387904]", "[0,8]")),
              HasSubstr("shape is impossible"));
  EXPECT_THAT(LoadError(entry("F32", "[2]", "[8,0]")), HasSubstr("do not match"));
  EXPECT_THAT(LoadError(entry("F32", "[1]", "[4,8]")), HasSubstr("leave a hole"));
  EXPECT_THAT(LoadError(entry("F32", "[1]", "[0,4]")), HasSubstr("4 bytes of data, but 8 follow"));
}

TEST_F(SafetensorsTest, RejectsANameThatStandsTwice) {
  const std::string a = "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
  EXPECT_THAT(LoadError(WithHeader("{" + a + "," + a + "}", "1")), HasSubstr("stands twice"));
}

// Keys are found one after the other: a million of them in one object would take minutes.
TEST_F(SafetensorsTest, RejectsMoreKeysThanAnyNetworkHas) {
  std::string object;
  for (int i = 0; i < 200000; ++i)
    object += (i > 0 ? ",\"" : "{\"") + std::to_string(i) + "\":\"\"";
  object += "}";
  EXPECT_THAT(LoadError(WithHeader(object, "")), HasSubstr("too many tensors"));
  EXPECT_THAT(LoadError(WithHeader("{\"__metadata__\":" + object + "}", "")),
              HasSubstr("too many tensors"));
}

// A file without blocks on the disk: nothing of it may be read.
TEST_F(SafetensorsTest, RefusesByItsHeaderWhatIsTooLarge) {
  const std::string header =
      R"({"a":{"dtype":"U8","shape":[12884901888],"data_offsets":[0,12884901888]}})";
  const std::string path = Save(WithHeader(header, ""));
  std::filesystem::resize_file(path, 8 + header.size() + 12884901888u);
  const auto loaded = LoadSafetensors(path);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.status().ToString(),
              HasSubstr("describes 12884901888 bytes of data, more than the 1073741824"));
  const std::string small =
      Save(WithHeader(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", "123"));
  EXPECT_TRUE(LoadSafetensors(small, 3).ok());
  EXPECT_FALSE(LoadSafetensors(small, 2).ok());
}

TEST(SafetensorsMetadata, NumbersAreDecimalAndNothingElse) {
  const auto number = [](const std::string& text) { return NumberIn({{"step", text}}, "step"); };
  EXPECT_EQ(*number("0"), 0);
  EXPECT_EQ(*number("30000"), 30000);
  for (const char* text :
       {"", "1e30", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1,2", "99999999999999999999"}) {
    EXPECT_FALSE(number(text).ok()) << text;
  }
  EXPECT_THAT(number("1e30").status().message(), HasSubstr("\"step\" is '1e30'"));
  EXPECT_THAT(NumberIn({}, "step").status().message(), HasSubstr("lack \"step\""));
  EXPECT_THAT(*NumbersIn({{"steps", "0,250,500"}}, "steps"), ElementsAre(0, 250, 500));
  for (const char* text : {"", "1,", ",1", "1,,2", "1;2"}) {
    EXPECT_FALSE(NumbersIn({{"steps", text}}, "steps").ok()) << text;
  }
}

TEST_F(SafetensorsTest, EveryTruncationIsAnError) {
  const std::vector<Tensor> tensors = {{"a", "F32", {2}, Floats({1, 2})}};
  ASSERT_TRUE(SaveSafetensors(dir_.File("m"), tensors, {{"k", "v"}}, Overwrite::kNo).ok());
  const std::string whole = *ReadWholeFile(dir_.File("m"));
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_NE(LoadError(whole.substr(0, n)), "ok") << n;
  EXPECT_EQ(LoadError(whole), "ok");
}

}  // namespace
}  // namespace qt::tensors
