// SPDX-License-Identifier: Apache-2.0
// Writes small valid inputs for every fuzz target: the corpora start from them, and so does every
// run of tests/fuzz/run. usage: fuzz_seeds DIR
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "base/check.h"
#include "episodes/episode_messages.h"
#include "episodes/episode_writer.h"
#include "image/image.h"
#include "mcap/mcap.h"
#include "protocol/robot_wire.h"
#include "protocol/wire.h"
#include "support/gzip.h"
#include "support/memory_stream.h"
#include "support/rlds_sample.h"
#include "support/sample_episode.h"
#include "tensors/safetensors.h"

namespace qt::episodes {
namespace {

class SeedFolder {
 public:
  SeedFolder(const std::string& root, const std::string& target) : dir_(root + "/" + target) {
    std::filesystem::create_directories(dir_);
  }
  void Add(const std::string& name, ByteSpan bytes) const {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const Status status = WriteWholeFile(dir_ + "/" + name, text, Overwrite::kYes);
    QT_CHECK(status.ok(), status.ToString());
  }

 private:
  std::string dir_;
};

void CdrSeeds(const std::string& root) {
  const SeedFolder folder(root, "cdr");
  const Episode episode = SampleEpisode(0, 1);
  uint8_t number = 0;
  const auto add = [&](const std::string& name, const auto& encode) {
    Bytes body;
    encode(&body);
    body.insert(body.begin(), number++);
    folder.Add(name, body);
  };
  add("episode", [&](Bytes* out) { EncodeEpisode(episode, out); });
  add("step", [&](Bytes* out) { EncodeStep("id", episode.steps[0], true, true, out); });
  add("outcome", [&](Bytes* out) { EncodeOutcome(episode, 1, 2, out); });
  add("label",
      [&](Bytes* out) { EncodeLabel("id", SampleLabel(episode, "sim", true), 0, 1, out); });
  add("jpeg", [&](Bytes* out) { EncodeImage(SampleJpeg(), 1, kCameraFrame, out); });
  add("rgb", [&](Bytes* out) { EncodeImage(SampleRaw(9), 1, kCameraFrame, out); });
  add("info", [&](Bytes* out) { EncodeCameraInfo(SampleCamera(), 1, out); });
  add("pose", [&](Bytes* out) { EncodeCameraPose(SampleCamera().X_WC, 1, out); });
}

void SafetensorsSeeds(const std::string& root) {
  const SeedFolder folder(root, "safetensors");
  const auto add = [&](const std::string& name, const std::vector<tensors::Tensor>& tensors,
                       const tensors::TensorMetadata& metadata) {
    MemorySink sink;
    QT_CHECK(tensors::WriteSafetensors(tensors, metadata, sink).ok());
    folder.Add(name, sink.contents());
  };
  add("empty", {}, {});
  add("metadata", {}, {{"key", "value"}, {"other", "\u00e9"}});
  add("two", {{"a", "F32", {2}, Bytes(8, 1)}, {"b", "U8", {1, 3}, Bytes(3, 2)}}, {{"k", "v"}});
  add("scalar", {{"s", "F64", {}, Bytes(8, 3)}, {"none", "BF16", {0, 5}, {}}}, {});
}

protocol::ActRequest SampleRequest(bool has_camera) {
  protocol::ActRequest request;
  request.id = 1;
  request.seed = 3;
  request.observation.image = {ImageEncoding::kRgb8, 4, 4, Bytes(48, 90)};
  request.observation.step = 2;
  request.has_camera = has_camera;
  if (has_camera) request.observation.camera = {4, 4, 5, 5, 1.5, 1.5, SampleCamera().X_WC};
  return request;
}

template <typename... Messages>
Bytes Joined(protocol::Framing framing, const Messages&... messages) {
  Bytes bytes;
  const auto append = [&](const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  (append(protocol::Encode(framing, messages)), ...);
  return bytes;
}

void WireSeeds(const std::string& root) {
  const SeedFolder folder(root, "wire");
  for (const auto& [framing, name] : {std::pair(protocol::Framing::kNdjson, "ndjson"),
                                      std::pair(protocol::Framing::kBinary, "binary")}) {
    const std::string suffix = std::string("_") + name;
    const protocol::ActAnswer answer{
        7, Action::Close(), 0.5f, 0.1f, ActionSource::kGreedy, "d", 9, 1.25, 2};
    folder.Add("requests" + suffix, Joined(framing, protocol::ClientHello(), SampleRequest(true),
                                           SampleRequest(false), protocol::EndSession{0}));
    folder.Add("act" + suffix, Joined(framing, SampleRequest(false)));
    protocol::ActRequest value = SampleRequest(true);
    value.action = Action::Close();
    folder.Add("value" + suffix, Joined(framing, value));
    folder.Add("replies" + suffix, Joined(framing, protocol::ServerHello(), answer));
    folder.Add(
        "error" + suffix,
        Joined(framing, protocol::WireError{3, protocol::WireErrorCode::kBadImage, "no image"}));
  }
}

void HttpSeeds(const std::string& root) {
  const SeedFolder folder(root, "http");
  const auto post = [](const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  };
  const auto add = [&](const std::string& name, const std::string& text) {
    folder.Add(name, AsBytes(text));
  };
  const Bytes line = protocol::Encode(protocol::Framing::kNdjson, SampleRequest(true));
  add("act", post("/act", {line.begin(), line.end()}));
  std::string zeros = "0";
  for (int i = 1; i < 48; ++i) zeros += ",0";
  const std::string rest =
      R"({"name":"gripper","shape":[1,6],"datatype":"FP32","data":[1,0.1,0,0,0,0.08]},)"
      R"({"name":"seed","shape":[1],"datatype":"UINT64","data":[1]},)"
      R"({"name":"step","shape":[1],"datatype":"INT32","data":[0]}]})";
  const std::string json =
      R"({"id":"a","inputs":[{"name":"image","shape":[1,4,4,3],"datatype":"UINT8","data":[)" +
      zeros + "]}," + rest;
  add("infer", post("/v2/models/m/infer", json));
  add("tensors", "0" + json);
  const std::string binary =
      R"({"parameters":{"binary_data_output":true},"inputs":[{"name":"image","shape":[4,4,3],)"
      R"("datatype":"UINT8","parameters":{"binary_data_size":48}},)" +
      rest;
  add("binary", "1" + binary + std::string(48, '\0'));
  add("gets",
      "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD http://x/v2/models/m HTTP/1.1\r\nHost: "
      "localhost\r\n"
      "Range: bytes=0-1\r\n\r\nGET /v2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  add("chunks",
      "POST /act HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n"
      "X: y\r\n\r\n");
  const Bytes gzip = test::GzipOfZeros(300);
  add("gzip",
      "POST /act HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Encoding: gzip\r\n"
      "Content-Length: " +
          std::to_string(gzip.size()) + "\r\n\r\n" + std::string(gzip.begin(), gzip.end()));
}

// An episode as a driver tells it, and what it is asked.
void RobotSeeds(const std::string& root) {
  const SeedFolder folder(root, "robot");
  protocol::DriverHello hello;
  hello.driver = "d";
  hello.new_bin = hello.drop_test = true;
  hello.limits.x_m = {-0.1, 0.1};
  hello.limits.max_speed_mps = 0.25;
  GripperState gripper;
  gripper.opening = 1;
  gripper.height_m = 0.18f;
  protocol::DriverObservation first{3, 10, {}, true};
  first.observation.image = {ImageEncoding::kRgb8, 2, 2, Bytes(12, 90)};
  first.observation.camera = {2, 2, 5, 5, 0.5, 0.5, SampleCamera().X_WC};
  first.observation.gripper = gripper;
  protocol::DriverObservation second = first;
  second.id = 5, second.stamp_ns = 20, second.has_camera = false;
  const EncodedImage& image = first.observation.image;
  using Message = protocol::DriverMessage;
  const std::vector<Message> said = {hello,
                                     protocol::DriverHeartbeat(),
                                     protocol::DriverDone{1, {}, "{\"a\":1}", {}, ""},
                                     protocol::DriverDone{2, gripper, {}, {}, ""},
                                     first,
                                     protocol::DriverDone{4, gripper, {}, {}, ""},
                                     second,
                                     protocol::DriverDone{6, gripper, {}, {}, ""},
                                     protocol::DriverEvidence{7, {"before_drop", 30, image}},
                                     protocol::DriverEvidence{7, {"after_drop", 40, image}},
                                     protocol::DriverDone{7, {}, {}, true, "{}"}};
  using Request = protocol::RobotRequest;
  const std::vector<Request> asked = {protocol::RobotClientHello(),
                                      protocol::NewBinRequest{1, 2},
                                      protocol::ResetRequest{2, 3, 4},
                                      protocol::ObserveRequest{3},
                                      protocol::CommandRequest{4, Action::Close(), {}},
                                      protocol::DropTestRequest{5},
                                      protocol::StopRequest()};
  for (const auto& [framing, name] : {std::pair(protocol::Framing::kNdjson, "ndjson"),
                                      std::pair(protocol::Framing::kBinary, "binary")}) {
    Bytes episode, requests;
    for (const Message& message : said) {
      const Bytes more = protocol::Encode(framing, message);
      episode.insert(episode.end(), more.begin(), more.end());
    }
    for (const Request& request : asked) {
      const Bytes more = protocol::Encode(framing, request);
      requests.insert(requests.end(), more.begin(), more.end());
    }
    folder.Add(std::string("episode_") + name, episode);
    folder.Add(std::string("requests_") + name, requests);
    folder.Add(std::string("discard_") + name,
               Joined(framing, Message(hello),
                      Message(protocol::DriverError{1, protocol::kDiscardCode, "no"})));
  }
}

void JpegSeeds(const std::string& root) {
  const SeedFolder folder(root, "jpeg");
  for (int side_px : {64, 32}) {
    RgbImage image{side_px, side_px, {}};
    for (int i = 0; i < 3 * side_px * side_px; ++i) {
      image.rgb_HWC.push_back(static_cast<uint8_t>(i / 3 % side_px * 3 + i % 7));
    }
    for (int quality : {5, 60}) {
      folder.Add("q" + std::to_string(quality) + "_" + std::to_string(side_px),
                 EncodeJpeg(image, quality).bytes);
    }
  }
  folder.Add("empty_scan", BytesFromHex("ffd8ffc0000b08004000400101110000ffd9"));
}

void TfRecordSeeds(const std::string& root) {
  const SeedFolder folder(root, "tfrecord");
  const Bytes jpeg = BytesFromHex("ffd8ffc0000b08000200040101110000ffd9");  // 4 x 2, no data
  const Bytes success = KukaExample(true, jpeg).Build();
  folder.Add("example", success);
  folder.Add("example_text", KukaExample(false, {'n', 'o'}).Build());
  folder.Add("shard", ShardOf({success, KukaExample(false, jpeg).Build()}));
  folder.Add("small_shard", ShardOf({{}, ExampleBuilder().Ints("i", {1, -1}).Build()}));
}

// The smallest episode that has everything.
Episode TinyEpisode(uint32_t index, bool jpeg) {
  Episode episode = SampleEpisode(index, 1);
  for (Step& step : episode.steps) step.observation.image = SampleRaw(1);
  for (EvidenceFrame& frame : episode.evidence) frame.image = SampleRaw(2);
  if (jpeg) episode.steps[0].observation.image = SampleJpeg();
  episode.labels = {SampleLabel(episode, "sim", true)};
  return episode;
}

// The chunks of a file by our writer, uncompressed and without checksums, so that a change of a
// byte is not noticed before the messages are parsed; `loose`: without chunks.
Bytes Bare(const Bytes& file, bool loose) {
  mcap::Builder out;
  out.PutRaw(mcap::kMagic);
  const ByteSpan records = ByteSpan(file).subspan(mcap::kMagic.size());
  const Status status =
      mcap::ForEachRecord(records.first(records.size() - mcap::kMagic.size()),
                          [&](const mcap::RecordView& record) -> Status {
                            if (record.op == mcap::kHeader) {
                              out.Begin(mcap::kHeader);
                              out.PutRaw(record.body);
                              out.End();
                            } else if (record.op == mcap::kChunk) {
                              QT_ASSIGN(const mcap::Chunk chunk, mcap::ParseChunk(record.body));
                              Bytes unpacked;
                              QT_TRY(mcap::UnpackChunk(chunk, &unpacked));
                              if (!loose) {
                                out.Begin(mcap::kChunk);
                                out.Put(chunk.start_time);
                                out.Put(chunk.end_time);
                                out.Put(uint64_t{unpacked.size()});
                                out.Put(uint32_t{0});
                                out.Put(std::string_view());
                                out.Put(uint64_t{unpacked.size()});
                              }
                              out.PutRaw(unpacked);
                              if (!loose) out.End();
                            }
                            return Ok();
                          });
  QT_CHECK(status.ok(), status.ToString());
  out.Begin(mcap::kDataEnd);
  out.Put(uint32_t{0});
  out.End();
  out.Begin(mcap::kFooter);
  out.PutRaw(Bytes(20, 0));
  out.End();
  out.PutRaw(mcap::kMagic);
  return out.bytes();
}

class KeepingSink : public MemorySink {
 public:
  explicit KeepingSink(Bytes* out) : out_(out) {}
  Status Commit() override {
    *out_ = contents();
    return Ok();
  }

 private:
  Bytes* out_;
};

void EpisodeSeeds(const std::string& root) {
  const SeedFolder folder(root, "episode");
  Bytes file;
  EpisodeWriter writer(std::make_unique<KeepingSink>(&file), {"run", "tool 1", "tool -x", {}, {}});
  QT_CHECK(writer.Write(TinyEpisode(0, false)).ok() && writer.Write(TinyEpisode(1, true)).ok());
  QT_CHECK(writer.Finish().ok());
  folder.Add("indexed", file);
  folder.Add("cut", ByteSpan(file).first(file.size() * 2 / 3));
  folder.Add("chunks", Bare(file, false));
  folder.Add("loose", Bare(file, true));
}

void ObjectSeeds(const std::string& root) {
  const SeedFolder folder(root, "object");
  const auto add = [&](const std::string& name, char kind, const std::string& text) {
    folder.Add(name, AsBytes(kind + text));
  };
  const std::string corners =
      "v 0 0 0\nv .03 0 0\nv .03 .04 0\nv 0 .04 0\nv 0 0 .06\nv .03 0 .06\nv .03 .04 .06\n"
      "v 0 .04 .06\n";
  add("box", 0, corners + "f 1 2 3 4\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n");
  add("open", 0, corners + "f 1/1/1 2//2 3/3 # x\nf -1 -2 \\\n-3\n");
  std::string binary(80, ' ');
  const std::string facet(50, '\0');
  binary += std::string("\2\0\0\0", 4) + facet + facet;
  add("binary", 1, binary);
  add("text", 1,
      "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex .1 0 0\nvertex 0 .1 0\n"
      "endloop\nendfacet\nendsolid a\n");
  add("primitives", 2,
      "<robot name='r'><link name='a'><inertial><mass value='.1'/></inertial><collision>"
      "<geometry><box size='.03 .04 .06'/></geometry></collision></link><link name='b'><visual>"
      "<origin xyz='0 0 .03' rpy='1 2 3'/><geometry><sphere radius='.02'/></geometry></visual>"
      "</link><joint name='j' type='fixed'><parent link='a'/><child link='b'/></joint></robot>");
  add("mesh", 2,
      "<robot name='r'><link name='a'><collision><geometry><mesh filename='part.obj' "
      "scale='1 1 -1'/></geometry></collision></link></robot>");
}

void TextSeeds(const std::string& root) {
  const SeedFolder json(root, "json"), where(root, "where"), config(root, "config");
  json.Add("values", AsBytes(R"({"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{"a":{}},"a":0})"));
  json.Add("features",
           AsBytes(R"({"featuresDict":{"features":{"steps":{"sequence":{"feature":{"featuresDict":)"
                   R"({"features":{"image":{"image":{"shape":{"dimensions":["4","2","3"]}}},"x":)"
                   R"({"tensor":{"dtype":"float32","encoding":"zlib"}}}}}}}}}})"));
  json.Add("info", AsBytes(R"({"name":"kuka","version":"0.1.0","fileFormat":"tfrecord",)"
                           R"("splits":[{"name":"train","shardLengths":["2",3]}]})"));
  where.Add("numbers", AsBytes("steps>=2 && q_value < 0.5,success=yes\n{}"));
  where.Add("texts", AsBytes("policy=scr* && source!=\"a b\" && id='x?'\n{}"));
  where.Add(
      "settings",
      AsBytes("env.camera.size.1>3 && env.on=true\n{\"camera\":{\"size\":[1,4]},\"on\":true}"));
  config.Add("all",
             AsBytes(R"({"flag":true,"count":3,"big_number":-4,"seed":"18446744073709551615",)"
                     R"("scale":1.5,"name":"x","colour":"green","tag":["a","b"]})"));
  config.Add("wrong", AsBytes(R"({"coun":1})"));
}

}  // namespace
}  // namespace qt::episodes

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  qt::episodes::CdrSeeds(argv[1]);
  qt::episodes::SafetensorsSeeds(argv[1]);
  qt::episodes::WireSeeds(argv[1]);
  qt::episodes::HttpSeeds(argv[1]);
  qt::episodes::EpisodeSeeds(argv[1]);
  qt::episodes::TfRecordSeeds(argv[1]);
  qt::episodes::RobotSeeds(argv[1]);
  qt::episodes::JpegSeeds(argv[1]);
  qt::episodes::ObjectSeeds(argv[1]);
  qt::episodes::TextSeeds(argv[1]);
  return 0;
}
