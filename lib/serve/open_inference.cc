// SPDX-License-Identifier: Apache-2.0
#include "serve/open_inference.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "json/bounded_json.h"
#include "json/json.h"
#include "protocol/wire_frame.h"

namespace qt::serve {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

constexpr size_t kMaxInputs = 16, kMaxText = 1024;
constexpr size_t kGripperNumbers = 6, kCameraNumbers = 11;
constexpr size_t kMaxElements = 64 << 20;

struct Tensor {
  std::string datatype;
  std::vector<size_t> shape;
  size_t num_elements = 1;
  Bytes data;  // as the binary extension lays it out
};
using Tensors = std::map<std::string, Tensor>;

struct Output {
  const char* name;
  const char* datatype;
  int width;
};
constexpr std::array kOutputs = {Output{"action", "FP32", int(kActionNumbers)},
                                 Output{"q_value", "FP32", 1}, Output{"spread", "FP32", 1},
                                 Output{"model_step", "INT64", 1}};

template <typename T>
void AppendAs(Bytes& out, T value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

template <typename T>
T LoadAs(const Bytes& data, size_t index) {
  T value;
  std::memcpy(&value, &data[index * sizeof value], sizeof value);
  return value;
}

template <typename T>
Json Load(const Bytes& data, size_t index) {
  return LoadAs<T>(data, index);
}

Json LoadHalf(const Bytes& data, size_t index) {
  const auto bits = LoadAs<uint16_t>(data, index);
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = bits >> 15 == 0 ? 1 : -1;
  if (exponent == 31) return std::numeric_limits<double>::quiet_NaN();  // infinite, or none
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

Json LoadBrainFloat(const Bytes& data, size_t index) {
  return std::bit_cast<float>(uint32_t{LoadAs<uint16_t>(data, index)} << 16);
}

template <typename T>
bool PackInteger(const Json& value, Bytes& out) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number > static_cast<uint64_t>(std::numeric_limits<T>::max())) return false;
    AppendAs(out, static_cast<T>(number));
    return true;
  }
  const auto number = value.get<int64_t>();
  if (std::is_unsigned_v<T> || number < static_cast<int64_t>(std::numeric_limits<T>::min())) {
    return false;
  }
  AppendAs(out, static_cast<T>(number));
  return true;
}

template <typename T>
bool PackFloat(const Json& value, Bytes& out) {
  if (!value.is_number()) return false;
  AppendAs(out, value.get<T>());
  return true;
}

// A datatype whose elements have a fixed size: their JSON, and their bytes in the binary extension.
struct Datatype {
  const char* name;
  size_t size_bytes;
  bool (*pack)(const Json& value, Bytes& out);  // null: in binary only, as the protocol has it
  Json (*load)(const Bytes& data, size_t index);
};
constexpr std::array kDatatypes = {Datatype{"UINT8", 1, PackInteger<uint8_t>, Load<uint8_t>},
                                   Datatype{"UINT16", 2, PackInteger<uint16_t>, Load<uint16_t>},
                                   Datatype{"UINT32", 4, PackInteger<uint32_t>, Load<uint32_t>},
                                   Datatype{"UINT64", 8, PackInteger<uint64_t>, Load<uint64_t>},
                                   Datatype{"INT8", 1, PackInteger<int8_t>, Load<int8_t>},
                                   Datatype{"INT16", 2, PackInteger<int16_t>, Load<int16_t>},
                                   Datatype{"INT32", 4, PackInteger<int32_t>, Load<int32_t>},
                                   Datatype{"INT64", 8, PackInteger<int64_t>, Load<int64_t>},
                                   Datatype{"FP16", 2, nullptr, LoadHalf},
                                   Datatype{"BF16", 2, nullptr, LoadBrainFloat},
                                   Datatype{"FP32", 4, PackFloat<float>, Load<float>},
                                   Datatype{"FP64", 8, PackFloat<double>, Load<double>}};

// Null: BYTES, whose elements have lengths of their own, or none that is known.
const Datatype* DatatypeOf(const std::string& name) {
  const auto found = std::find_if(kDatatypes.begin(), kDatatypes.end(),
                                  [&name](const Datatype& type) { return name == type.name; });
  return found == kDatatypes.end() ? nullptr : &*found;
}

// A string of a BYTES tensor is base64: a picture is not text.
bool PackText(const Json& value, Bytes& out) {
  if (!value.is_string()) return false;
  const Result<Bytes> bytes = protocol::DecodeBase64(value.get_ref<const std::string&>());
  if (!bytes.ok()) return false;
  AppendAs(out, static_cast<uint32_t>(bytes->size()));
  out.insert(out.end(), bytes->begin(), bytes->end());
  return true;
}

bool PackElement(const std::string& datatype, const Json& value, Bytes& out) {
  if (datatype == "BYTES") return PackText(value, out);
  const Datatype* type = DatatypeOf(datatype);
  return type != nullptr && type->pack != nullptr && type->pack(value, out);
}

// Flat or nested, as the protocol allows; returns the number of elements, or nullopt.
std::optional<size_t> PackArray(const std::string& datatype, const Json& array, Bytes& out) {
  size_t count = 0;
  for (const Json& value : array) {
    if (value.is_array()) {
      const auto inner = PackArray(datatype, value, out);
      if (!inner) return std::nullopt;
      count += *inner;
    } else {
      if (!PackElement(datatype, value, out)) return std::nullopt;
      ++count;
    }
  }
  return count;
}

// Parses one request; what is wrong is thrown as a sentence within this file only, because it can
// be found at any depth.
struct Wrong {
  std::string what;
};

const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string TextOf(const Json& object, const char* key, const std::string& where) {
  const Json& value = Member(object, key);
  if (!value.is_string() || value.get_ref<const std::string&>().size() > kMaxText) {
    throw Wrong{where + "'" + key + "' must be a short string"};
  }
  return value.get<std::string>();
}

class InferParser {
 public:
  InferParser(std::string_view body, std::optional<size_t> json_bytes,
              const protocol::ServerHello& model)
      : model_(model) {
    if (json_bytes.value_or(0) > body.size()) {
      throw Wrong{"Inference-Header-Content-Length is more than the body"};
    }
    const size_t split = json_bytes.value_or(body.size());
    binary_ = AsBytes(body.substr(split));
    Result<Json> parsed = json::ParseBoundedObject(body.substr(0, split), MaxValues());
    if (!parsed.ok()) throw Wrong{parsed.status().message()};
    json_ = std::move(*parsed);
  }

  InferRequest Parse() {
    InferRequest infer;
    if (!Member(json_, "id").is_null()) infer.id = TextOf(json_, "id", "");
    ReadOutputs(&infer);
    const Tensors tensors = ReadInputs();
    const size_t rows = RowsOf(tensors);
    for (size_t row = 0; row < rows; ++row) infer.requests.push_back(RequestOf(tensors, row, rows));
    return infer;
  }

 private:
  // A batch of pictures as JSON numbers, and what is around it.
  int MaxValues() const { return 4000 + 3 * 2 * model_.image_width_px * model_.image_height_px; }

  static bool BoolOf(const Json& object, const char* key, bool otherwise) {
    const Json& parameters = Member(object, "parameters");
    const Json& value = Member(parameters, key);
    if (value.is_null()) return otherwise;
    if (!value.is_boolean()) throw Wrong{std::string(key) + " must be true or false"};
    return value.get<bool>();
  }

  void ReadOutputs(InferRequest* infer) const {
    const bool all_binary = BoolOf(json_, "binary_data_output", false);
    const auto add = [&](const std::string& name, bool binary) {
      infer->outputs.push_back(name);
      infer->binary.push_back(binary);
    };
    const Json& wanted = Member(json_, "outputs");
    if (wanted.is_null() || wanted.empty()) {
      for (const Output& output : kOutputs) add(output.name, all_binary);
      return;
    }
    if (!wanted.is_array() || wanted.size() > kOutputs.size()) throw Wrong{"'outputs' is wrong"};
    for (const Json& output : wanted) {
      if (!output.is_object()) throw Wrong{"'outputs' must hold objects"};
      const std::string name = TextOf(output, "name", "an output's ");
      const auto same = [&name](const Output& known) { return name == known.name; };
      if (std::none_of(kOutputs.begin(), kOutputs.end(), same)) {
        throw Wrong{"there is no output '" + name + "'"};
      }
      add(name, BoolOf(output, "binary_data", all_binary));
    }
  }

  Tensors ReadInputs() {
    const Json& inputs = Member(json_, "inputs");
    if (!inputs.is_array() || inputs.size() > kMaxInputs) {
      throw Wrong{"'inputs' must be an array of at most " + std::to_string(kMaxInputs)};
    }
    Tensors tensors;
    for (const Json& input : inputs) {
      if (!input.is_object()) throw Wrong{"'inputs' must hold objects"};
      const std::string name = TextOf(input, "name", "an input's ");
      if (!tensors.emplace(name, ReadTensor(input, "input '" + name + "': ")).second) {
        throw Wrong{"input '" + name + "' is there twice"};
      }
    }
    if (!binary_.empty()) throw Wrong{"there are bytes behind the last tensor"};
    return tensors;
  }

  Tensor ReadTensor(const Json& input, const std::string& where) {
    Tensor tensor;
    tensor.datatype = TextOf(input, "datatype", where);
    if (DatatypeOf(tensor.datatype) == nullptr && tensor.datatype != "BYTES") {
      throw Wrong{where + "datatype " + tensor.datatype + " is not supported"};
    }
    const Json& shape = Member(input, "shape");
    if (!shape.is_array() || shape.size() > 5) throw Wrong{where + "'shape' must be a short array"};
    for (const Json& side : shape) {
      if (!side.is_number_unsigned() || side.get<uint64_t>() > kMaxElements) {
        throw Wrong{where + "'shape' must hold small integers"};
      }
      tensor.shape.push_back(side.get<size_t>());
      tensor.num_elements *= tensor.shape.back();
      if (tensor.num_elements > kMaxElements) throw Wrong{where + "too many elements"};
    }
    const Json& binary_size = Member(Member(input, "parameters"), "binary_data_size");
    if (!binary_size.is_null()) {
      TakeBinary(binary_size, where, &tensor);
    } else {
      TakeJson(input, where, &tensor);
    }
    return tensor;
  }

  void TakeBinary(const Json& size, const std::string& where, Tensor* tensor) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > binary_.size()) {
      throw Wrong{where + "'binary_data_size' is more than the body holds"};
    }
    const auto bytes = size.get<size_t>();
    const Datatype* type = DatatypeOf(tensor->datatype);
    if (type != nullptr && bytes != type->size_bytes * tensor->num_elements) {
      throw Wrong{where + "'binary_data_size' is not that of its shape"};
    }
    tensor->data.assign(binary_.begin(), binary_.begin() + static_cast<ptrdiff_t>(bytes));
    binary_ = binary_.subspan(bytes);
  }

  static void TakeJson(const Json& input, const std::string& where, Tensor* tensor) {
    const Json& data = Member(input, "data");
    if (!data.is_array()) throw Wrong{where + "'data' must be an array"};
    const Datatype* type = DatatypeOf(tensor->datatype);
    if (type != nullptr && type->pack == nullptr) {
      throw Wrong{where + tensor->datatype + " comes in binary only"};
    }
    const auto count = PackArray(tensor->datatype, data, tensor->data);
    if (!count) throw Wrong{where + "'data' must hold " + tensor->datatype};
    if (*count != tensor->num_elements) throw Wrong{where + "'data' is not of its shape"};
  }

  static const Tensor& Need(const Tensors& tensors, const char* name) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) throw Wrong{std::string("input '") + name + "' is missing"};
    return found->second;
  }

  // Also says which inputs there are.
  static size_t RowsOf(const Tensors& tensors) {
    static constexpr std::array kNames = {"image",     "gripper", "seed",       "step",
                                          "fruitless", "camera",  "deadline_ms"};
    for (const auto& [name, tensor] : tensors) {
      if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
        throw Wrong{"there is no input '" + name + "'"};
      }
    }
    const Tensor& image = Need(tensors, "image");
    const bool single = image.datatype == "UINT8" && image.shape.size() == 3;
    const size_t rows = single ? 1 : image.shape.empty() ? 0 : image.shape[0];
    if (rows < 1 || rows > kMaxBatch) {
      throw Wrong{"a batch holds 1 to " + std::to_string(kMaxBatch) + " rows"};
    }
    return rows;
  }

  // Numbers [first, first + width) of a tensor, of any number type.
  static Json NumbersOf(const Tensor& tensor, size_t first, size_t width) {
    const Datatype* type = DatatypeOf(tensor.datatype);
    if (type == nullptr) throw Wrong{"an input holds what is not a number"};
    Json numbers = Json::array();
    for (size_t i = first; i < first + width; ++i) {
      numbers.push_back(type->load(tensor.data, i));
      if (numbers.back().is_number_float() && !std::isfinite(numbers.back().get<double>())) {
        throw Wrong{"an input holds what is not a number"};
      }
    }
    return numbers;
  }

  // Row `row`; a tensor of one row is that of all rows.
  static Json RowOf(const Tensors& tensors, const char* name, size_t row, size_t rows,
                    size_t width) {
    const Tensor& tensor = Need(tensors, name);
    const bool shared = tensor.num_elements == width;
    if (!shared && tensor.num_elements != rows * width) {
      throw Wrong{std::string("input '") + name + "' must hold " + std::to_string(width) +
                  " numbers for each row"};
    }
    return NumbersOf(tensor, shared ? 0 : row * width, width);
  }

  static Json ScalarOf(const Tensors& tensors, const char* name, size_t row, size_t rows) {
    Json number = RowOf(tensors, name, row, rows, 1)[0];
    // A signed type may hold it, too.
    if (number.is_number_integer() && number.get<int64_t>() >= 0) return number.get<uint64_t>();
    return number;
  }

  // The message of the framed protocol that says the same; its decoder checks it.
  protocol::ActRequest RequestOf(const Tensors& tensors, size_t row, size_t rows) const {
    Json header = {{"type", "act"},
                   {"id", row},
                   {"seed", ScalarOf(tensors, "seed", row, rows)},
                   {"step", ScalarOf(tensors, "step", row, rows)}};
    for (const char* name : {"fruitless", "deadline_ms"}) {
      if (tensors.contains(name)) header[name] = ScalarOf(tensors, name, row, rows);
    }
    const Json gripper = RowOf(tensors, "gripper", row, rows, kGripperNumbers);
    header["gripper"] = {{"opening", gripper[0]}, {"height_m", gripper[1]},
                         {"x_m", gripper[2]},     {"y_m", gripper[3]},
                         {"yaw_rad", gripper[4]}, {"measured_opening_m", gripper[5]}};
    if (tensors.contains("camera")) header["camera"] = CameraOf(tensors, row, rows);
    Bytes image = ImageOf(Need(tensors, "image"), row, rows, &header["image"]);
    header["image"]["bytes"] = image.size();
    protocol::Request request = protocol::DecodeRequest(header, std::move(image));
    if (const auto* error = std::get_if<protocol::WireError>(&request)) {
      throw Wrong{"row " + std::to_string(row) + ": " + error->message};
    }
    return std::get<protocol::ActRequest>(std::move(request));
  }

  Json CameraOf(const Tensors& tensors, size_t row, size_t rows) const {
    const Json n = RowOf(tensors, "camera", row, rows, kCameraNumbers);
    return {{"width_px", model_.image_width_px},
            {"height_px", model_.image_height_px},
            {"fx_px", n[0]},
            {"fy_px", n[1]},
            {"cx_px", n[2]},
            {"cy_px", n[3]},
            {"p_WC_m", Json::array({n[4], n[5], n[6]})},
            {"q_WC_wxyz", Json::array({n[7], n[8], n[9], n[10]})}};
  }

  Bytes ImageOf(const Tensor& tensor, size_t row, size_t rows, Json* header) const {
    if (tensor.datatype == "BYTES") {
      *header = {{"encoding", "jpeg"},
                 {"width_px", model_.image_width_px},
                 {"height_px", model_.image_height_px}};
      return StringOf(tensor, row);
    }
    const size_t dims = tensor.shape.size();
    if (tensor.datatype != "UINT8" || dims < 3 || dims > 4 || tensor.shape[dims - 1] != 3) {
      throw Wrong{"input 'image' must be UINT8 of shape [rows, height, width, 3], or BYTES"};
    }
    *header = {{"encoding", "rgb8"},
               {"width_px", tensor.shape[dims - 2]},
               {"height_px", tensor.shape[dims - 3]}};
    const size_t bytes = tensor.num_elements / rows;
    const auto begin = tensor.data.begin() + static_cast<ptrdiff_t>(row * bytes);
    return {begin, begin + static_cast<ptrdiff_t>(bytes)};
  }

  // String `row` of a BYTES tensor: each has its length before it.
  static Bytes StringOf(const Tensor& tensor, size_t row) {
    size_t at = 0;
    for (size_t i = 0;; ++i) {
      if (tensor.data.size() - at < 4) throw Wrong{"a BYTES tensor ends too early"};
      uint32_t length;
      std::memcpy(&length, &tensor.data[at], 4);
      at += 4;
      if (tensor.data.size() - at < length) throw Wrong{"a BYTES tensor ends too early"};
      const auto begin = tensor.data.begin() + static_cast<ptrdiff_t>(at);
      if (i == row) return {begin, begin + static_cast<ptrdiff_t>(length)};
      at += length;
    }
  }

  const protocol::ServerHello& model_;
  ByteSpan binary_;
  Json json_;
};

Json Value(const Output& output, const protocol::ActAnswer& answer) {
  const std::string name = output.name;
  if (name == "action") return answer.action.ToArray();
  if (name == "q_value") return Json::array({answer.q_value});
  if (name == "spread") return Json::array({answer.spread});
  return Json::array({answer.model_step.value_or(0)});
}

Json OutputOf(const Output& output, const std::vector<protocol::ActAnswer>& answers) {
  Json data = Json::array();
  for (const protocol::ActAnswer& answer : answers) {
    for (const Json& number : Value(output, answer)) data.push_back(number);
  }
  return {{"name", output.name},
          {"datatype", output.datatype},
          {"shape", Json::array({answers.size(), output.width})},
          {"data", std::move(data)}};
}

// Moves the data behind the JSON.
void MakeBinary(Json* output, Bytes* binary) {
  const size_t before = binary->size();
  for (const Json& number : (*output)["data"]) {
    PackElement((*output)["datatype"].get<std::string>(), number, *binary);
  }
  output->erase("data");
  (*output)["parameters"] = {{"binary_data_size", binary->size() - before}};
}

Json Described(const char* name, const char* datatype, Json shape) {
  return {{"name", name}, {"datatype", datatype}, {"shape", std::move(shape)}};
}

}  // namespace

Result<InferRequest> ParseInfer(std::string_view body, std::optional<size_t> json_bytes,
                                const protocol::ServerHello& model) {
  try {
    return InferParser(body, json_bytes, model).Parse();
  } catch (const Wrong& wrong) {
    return Corrupt(wrong.what);
  }
}

InferReply EncodeInfer(const InferRequest& request, const std::vector<protocol::ActAnswer>& answers,
                       const protocol::ServerHello& model) {
  InferReply reply;
  const protocol::ActAnswer& first = answers.at(0);
  Json json = {{"model_name", model.model_name},
               {"model_version", std::to_string(first.model_step.value_or(0))}};
  if (!request.id.empty()) json["id"] = request.id;
  json["parameters"] = {{"digest", first.digest},
                        {"wait_ms", first.wait_ms.value_or(0)},
                        {"compute_ms", first.compute_ms}};
  json["outputs"] = Json::array();
  for (size_t i = 0; i < request.outputs.size(); ++i) {
    const auto output = std::find_if(kOutputs.begin(), kOutputs.end(), [&](const Output& known) {
      return request.outputs[i] == known.name;
    });
    Json encoded = OutputOf(*output, answers);
    if (request.binary[i]) MakeBinary(&encoded, &reply.binary);
    json["outputs"].push_back(std::move(encoded));
  }
  reply.json = json::Dump(json);
  return reply;
}

Json ModelMetadata(const protocol::ServerHello& model) {
  Json inputs = Json::array(
      {Described("image", "UINT8", {-1, model.image_height_px, model.image_width_px, 3}),
       Described("gripper", "FP32", {-1, kGripperNumbers}), Described("seed", "UINT64", {-1, 1}),
       Described("step", "UINT32", {-1, 1}), Described("fruitless", "FP32", {-1, 1}),
       Described("camera", "FP64", {-1, kCameraNumbers}),
       Described("deadline_ms", "FP64", {-1, 1})});
  Json outputs = Json::array();
  for (const Output& output : kOutputs) {
    outputs.push_back(Described(output.name, output.datatype, {-1, output.width}));
  }
  return {{"name", model.model_name},
          {"versions", Json::array({std::to_string(model.model_step)})},
          {"platform", "qt-model/1"},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)},
          {"parameters", {{"digest", model.digest}, {"needs_camera", model.needs_camera}}}};
}

}  // namespace qt::serve
