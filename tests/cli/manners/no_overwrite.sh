echo one > in.txt
echo keep > out.txt
manners in.txt -o out.txt || echo $?
cat out.txt
manners in.txt -o out.txt --force
cat out.txt
ls -A
