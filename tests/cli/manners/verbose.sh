manners -v --num-lines 1 -o 'a b.txt'
manners --verbose --text "it's" --show
