# A FIFO waits for its reader, and a stop ends the waiting.
echo one > in.txt
mkfifo pipe
timeout -s INT --preserve-status 3 manners in.txt -o pipe || echo "interrupted: $?"
timeout -s INT --preserve-status 3 manners pipe -o out.txt || echo "interrupted: $?"
cat pipe &
manners in.txt -o pipe --force
wait
test -p pipe
