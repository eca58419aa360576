# A session typed by hand. Pictures make the driver's output binary; the text in it is enough here.
printf '%s\n' '{"type":"hello","protocol":1,"client":"me","environment":0,"task":{},"drop_test":false}' \
  '{"type":"new_bin","id":1,"seed":1}' '{"type":"reset","id":2,"seed":1,"stamp_ns":0}' '{"type":"observe","id":3}' \
  '{"type":"act","id":4,"action":[0,0,0,0,1,0,1,0]}' '{"type":"drop_test","id":5}' '{"type":"stop"}' |
  qt-collect --serve-robot --image-size 16 | grep -ao '"type":"[a-z]*","id":[0-9]*\|"truth":[a-z]*'
echo '{"type":"observe","id":1}' | qt-collect --serve-robot | grep -ao '"error".*' || true
echo '{"type":"jump"}' | qt-collect --serve-robot | grep -ao '"error".*' || true
qt-collect --serve-robot < /dev/null
