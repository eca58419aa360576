# Cross-flag rules come before the work: nothing is opened.
manners --fail bad-check -o out.txt < /dev/null || echo $?
manners -q -v || echo $?
ls
