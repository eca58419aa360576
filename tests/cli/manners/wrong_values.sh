for words in '--seed x' '--seed -1' '--seed 1.5' '--seed 99999999999999999999' '--scale 3' '--scale nan' \
    '--scale 1x' '--num-lines -1' '--num-lines 3000000000' '--color pink' '--color gren' '--seed' '--seed=' \
    '--seed --upper' '--upper=perhaps' '-o'; do
  manners $words && echo "accepted: $words" || echo $?
done
