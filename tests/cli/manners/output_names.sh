# What an output's name means: a descriptor, a link, a name as long as it can be.
echo one > in.txt
manners in.txt -o /dev/stdout > out1
manners in.txt -o /dev/fd/1 >> out1
ln -s /proc/self/fd/1 fd1
manners in.txt -o fd1 --force >> out1
manners in.txt -o /dev/stdout | cat
manners in.txt -o /dev/stderr
manners in.txt -o >(cat > piped)
cat out1
readlink fd1
manners in.txt -o /dev/stdout --json > out2 || echo "json: $?"
manners in.txt -o /dev/fd/77 || echo "closed: $?"
mkdir far
ln -s far/out.txt link
manners in.txt -o link
manners in.txt -o link || echo "again: $?"
manners in.txt -o link --force
readlink link
cat far/out.txt
ln -s nowhere/out.txt dangling
manners in.txt -o dangling || echo "dangling: $?"
manners in.txt -o dangling --dry-run || echo "dangling, dry: $?"
ln -s loop loop
manners in.txt -o loop || echo "loop: $?"
long=$(printf 'a%.0s' $(seq 251)).txt
manners in.txt -o "$long"
cat "$long"
manners in.txt -o "a$long" || echo "too long: $?"
ls -A | cut -c 1-20
