# A dry run finds what the run would stumble over.
echo one > in.txt
echo keep > out.txt
manners in.txt -o out.txt --dry-run || echo $?
manners in.txt -o missing/out.txt --dry-run || echo $?
manners in.txt -o out.txt --dry-run --force
cat out.txt
