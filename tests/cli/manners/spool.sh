echo one > in.txt
manners in.txt -o spool/
mkdir existing
manners in.txt -o existing
ls -A spool existing
cat spool/* existing/*
