# So little that only the last flush can notice.
manners --show > /dev/full
