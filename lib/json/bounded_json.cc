#include "json/bounded_json.h"

#include "json/json.h"

namespace qt::json {
namespace {

constexpr int kMaxDepth = 8;

struct TooMuch {};

}  // namespace

Result<Json> ParseBoundedObject(std::string_view text, int max_values) {
  int values = 0;
  const auto count = [&values, max_values](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth || ++values > max_values) throw TooMuch();
    return true;
  };
  try {
    Json json = Json::parse(text, count);
    if (!json.is_object()) return Corrupt("the message is not a JSON object");
    return json;
  } catch (const Json::exception&) {
    return Corrupt("the message is not valid JSON");
  } catch (const TooMuch&) {
    return Corrupt("the message nests too deep or holds too many values");
  }
}

}  // namespace qt::json
