# Things that are no shards.
python3 $CASES/../support/make_rlds.py kuka/0.1.0
try() { qt-data import --from rlds "$@" -o a.mcap || echo $?; }
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' > kuka-train.tfrecord-00000-of-00001
try kuka-train.tfrecord-00000-of-00001
echo '<!DOCTYPE html>' > page && try page
try $FIXTURES/episodes.mcap
try kuka
try no-such
echo words > kuka/0.1.0/features.json && try kuka/0.1.0
ls a.mcap 2> /dev/null || echo nothing written
