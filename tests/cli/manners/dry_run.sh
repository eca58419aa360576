echo one > in.txt
manners in.txt -o out.txt --dry-run
manners in.txt -o spool/ --dry-run
manners in.txt --dry-run
ls -A
