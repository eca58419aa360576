# Links under the names that a video's temporary may have: what they lead to stays as it is.
echo precious > victim
F=$FIXTURES/labelled.mcap
plant='for n in $(seq 0 40); do ln -s victim ".a.mp4.$$-$n.tmp"; done; exec qt-data view "$@"'
sh -c "$plant" sh $F --episodes 1 --size 64 -o a.mp4
cat victim
test -f a.mp4 -a ! -L a.mp4 && echo "a file of its own"
