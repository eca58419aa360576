# A terminal from script(1); its output is what the terminal shows.
script -qec 'manners --binary --num-lines 1' typescript < /dev/null | tr -d '\r'
manners --binary --num-lines 1
