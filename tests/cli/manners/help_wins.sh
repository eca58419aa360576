# Help is given whatever else stands on the line.
manners --nonsense --help | head -n 1
manners --version | sed 's/ [0-9].*//'
