echo one > in.txt
manners in.txt in.txt --output out.txt
cat out.txt
ls -A
