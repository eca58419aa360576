# `-` and `_` are the same; `=` or a space; the last of several wins; a list takes all of them.
manners --show --seed 7 --scale=0.5 --color blue --tag a --tag b --text "x y" --upper
manners --show --seed=1e6 --seed +3 --no_upper --upper --no-upper --text=--odd
manners --show -n18446744073709551615 --text '' --tag '[a,b]' one -- --two -n
