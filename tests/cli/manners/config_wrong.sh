try() { printf '%s' "$1" > c.json; manners --show --config c.json || echo $?; }
try '{"sede": 5}'
try '{"seed": -5}'
try '{"seed": {"a": 1}}'
try '{"seed": [1, 2]}'
try '{"tag": [[1]]}'
try '{"help": true}'
try '[1]'
try '{"seed": 5'
try '{"seed": 5, "tag": NaN}'
# Reading it takes time in proportion to its length.
try "{$(seq -f '"%.0f":0,' 100000 | tr -d '\n')\"seed\":5}"
manners --show --config missing.json || echo $?
