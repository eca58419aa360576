# curl, the Open Inference Protocol in JSON and binary, metrics: the same action by every way.
. "$CASES/../support/serve.sh"
start --socket s --http 0 --cem 16/4/2
url=$(sed -n 's/.*ready at \(http.*\)/\1/p' log)
curl -sS $url/v2/health/ready $url/v2/health/live
curl -sS $url/act -d @$FORMATS/serve/samples/act.json > act.json
python3 - $url <<'PYTHON'
import http.client, json, struct, sys
from serve_client import CAMERA, GRIPPER, Client, act, picture
host = sys.argv[1].removeprefix("http://")
def tensor(name, datatype, data, **more):
    return {"name": name, "datatype": datatype, "shape": [1, len(data)], "data": data, **more}
inputs = [tensor("gripper", "FP64", [GRIPPER[k] for k in ("opening", "height_m", "x_m", "y_m", "yaw_rad", "measured_opening_m")]),
          tensor("camera", "FP64", [CAMERA[k] for k in ("fx_px", "fy_px", "cx_px", "cy_px")] + CAMERA["p_WC_m"] + CAMERA["q_WC_wxyz"]),
          tensor("seed", "UINT64", [1003]), tensor("step", "INT32", [3])]
image = {"name": "image", "datatype": "UINT8", "shape": [1, 64, 64, 3]}
want = Client("s").ask(act(3), picture(3))["action"]
connection = http.client.HTTPConnection(host)
def infer(body, binary=b"", headers={}):
    connection.request("POST", "/v2/models/model/infer", json.dumps(body).encode() + binary, headers)
    response = connection.getresponse()
    return response, response.read()
_, text = infer({"inputs": [{**image, "data": list(picture(3))}, *inputs]})
print("json:", json.loads(text)["outputs"][0]["data"] == want)
body = {"inputs": [{**image, "parameters": {"binary_data_size": 12288}}, *inputs],
        "outputs": [{"name": "action", "parameters": {"binary_data": True}}]}
response, data = infer(body, picture(3), {"Inference-Header-Content-Length": len(json.dumps(body).encode())})
split = int(response.headers["Inference-Header-Content-Length"])
print("binary:", list(struct.unpack("<8f", data[split:])) == [struct.unpack("f", struct.pack("f", x))[0] for x in want])
print("curl:", sorted(json.load(open("act.json"))))
PYTHON
curl -sS -o /dev/null -w '%{http_code}\n' $url/act -d '{}'
curl -sS -o /dev/null -w '%{http_code}\n' $url/nothing
curl -sS $url/metrics | grep -E '^qt_(requests_total.*(answered|bad_request)|model_step|clients.*unix)'
stop
sed 's/:[0-9]*$/:PORT/' log
