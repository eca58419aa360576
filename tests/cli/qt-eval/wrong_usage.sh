try() { qt-eval "$@" && echo accepted || echo $?; }
try
try scripted random
try scriptd
try scripted --nmu-envs 2
try scripted --objects cups
try scripted --require better
try scripted --require often
try scripted --min-objects 5 --max-objects 4
try scripted --confidence 2
ls -A
