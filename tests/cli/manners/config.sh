echo '{"seed": 5, "scale": 1.25, "tag": ["x", "y"], "upper": true, "color": "green", "num_lines": 3}' > c.json
manners --show --config c.json
# A flag on the command line wins.
manners --show --config c.json --seed 6 --no-upper --tag z
