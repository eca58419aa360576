# Two independent readers of tar; the same bytes in a file and in a pipe.
F=$FIXTURES/labelled.mcap
qt-data export $F --to webdataset -o a.tar
qt-data export -q --to webdataset -o - < $F | cmp - a.tar
tar -tf a.tar | tail -n 1
python3 - <<'PY'
import json, tarfile
members = tarfile.open("a.tar").getmembers()
names = [m.name for m in members][:-1]
print(all(a.split(".")[0] == b.split(".")[0] and a.endswith(".jpg") and b.endswith(".json") for a, b in zip(names[::2], names[1::2])))
tar = tarfile.open("a.tar")
sample = json.load(tar.extractfile("000001-000.json"))
print(sample["episode"], sample["index"], sample["episode_info"]["number"], sample["is_first"])
print(tar.extractfile("000001-000.jpg").read(2) == b"\xff\xd8")
print([p["command_line"] for p in json.load(tar.extractfile("__lineage__/lineage.json"))["programs"]][-1])
PY
qt-data export $F --to webdataset -o - > /dev/full || echo $?
