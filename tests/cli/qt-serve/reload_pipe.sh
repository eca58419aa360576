# A pipe behind the policy's name is refused, nobody waits for its writer, and SIGTERM ends the server.
cp $FIXTURES/model.safetensors p.safetensors
model=p.safetensors
. "$CASES/../support/serve.sh"
start --http 0
url=$(sed -n 's/.*ready at //p' log)
mkfifo pipe
mv pipe p.safetensors
for _ in $(seq 100); do
  curl -sS $url/metrics | grep -q 'reloads_total{result="refused"} 1' && break
  sleep 0.05
done
curl -sS $url/metrics | grep 'reloads_total{'
curl -sS -o /dev/null -w '%{http_code}\n' $url/v2/health/ready
stop
sed -n 's/qt-serve: warning: //p' log
