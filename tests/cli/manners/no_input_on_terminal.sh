script -qec 'manners -o out.txt < /dev/tty; echo $?' typescript < /dev/null | tr -d '\r'
