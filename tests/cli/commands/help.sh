commands --help
commands look --help | head -n 3
commands look --deep --version | sed 's/ [0-9].*//'
