try() { qt-serve "$@" < /dev/null && echo accepted || echo $?; }
try
try --stdio
try a b --stdio
try $FIXTURES/model.safetensors
try $FIXTURES/model.safetensors --stdoi
try $FIXTURES/model.safetensors --stdio --cem 64
try $FIXTURES/model.safetensors --stdio --threads 0
try $FIXTURES/model.safetensors --stdio --socket s
try $FIXTURES/model.safetensors --socket s --reload perhaps
