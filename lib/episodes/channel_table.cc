#include "episodes/channel_table.h"

#include <algorithm>

namespace qt::episodes {

bool IsPictureSchema(const std::string& schema_name) {
  return schema_name == "sensor_msgs/msg/CompressedImage" || schema_name == "sensor_msgs/msg/Image";
}

void ChannelTable::AddHeader(ByteSpan body) {
  const Result<mcap::Header> header = mcap::ParseHeader(body);
  ours_ = header.ok() && header->profile == "ros2" && header->library.starts_with(kLibraryPrefix);
}

Status ChannelTable::AddRecord(const mcap::RecordView& record) {
  if (record.op == mcap::kSchema) {
    QT_ASSIGN(mcap::Schema schema, mcap::ParseSchema(record.body));
    Add(std::move(schema));
  } else if (record.op == mcap::kChannel) {
    QT_ASSIGN(const mcap::Channel channel, mcap::ParseChannel(record.body));
    Add(channel);
  }
  return Ok();
}

void ChannelTable::Add(mcap::Schema schema) {
  if (schema.id != 0) schemas_[schema.id] = std::move(schema);
}

void ChannelTable::Add(const mcap::Channel& channel) {
  const auto schema = schemas_.find(channel.schema_id);
  if (schema == schemas_.end()) return;
  Entry entry;
  entry.topic = TopicOf(channel, schema->second);
  entry.fixed_id = channel.id == static_cast<uint16_t>(entry.topic);
  channels_[channel.id] = entry;
  descriptions_[channel.id] = {channel.topic, schema->second.name, channel.message_encoding};
}

ChannelTable::Entry ChannelTable::Find(uint16_t channel_id) const {
  const bool in_layout = channel_id >= 1 && channel_id <= AllTopics().size();
  if (ours_ && in_layout) return {static_cast<Topic>(channel_id), true};
  const auto found = channels_.find(channel_id);
  if (assumed_ && in_layout && found == channels_.end()) {
    return {static_cast<Topic>(channel_id), true};
  }
  return found == channels_.end() ? Entry() : found->second;
}

bool ChannelTable::HasEpisodes() const {
  return ours_ || assumed_ || std::any_of(channels_.begin(), channels_.end(), [](const auto& item) {
           return item.second.topic == Topic::kEpisode;
         });
}

const ChannelTable::Description* ChannelTable::Describe(uint16_t channel_id) const {
  const auto found = descriptions_.find(channel_id);
  return found == descriptions_.end() ? nullptr : &found->second;
}

std::vector<std::string> ChannelTable::CameraTopics() const {
  std::vector<std::string> topics;
  for (const auto& [id, description] : descriptions_) {
    if (description.message_encoding == "cdr" && IsPictureSchema(description.schema_name)) {
      topics.push_back(description.topic);
    }
  }
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return topics;
}

}  // namespace qt::episodes
