"""A brain as a process, to be killed: `python fake_brain.py PORT TOKEN`. It counts in the dialogue's memory."""

import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would meet the 40 ms of a delayed acknowledgement

    def log_message(self, *_args):
        pass

    def do_GET(self):
        self._send({"model": "fake"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Authorization"] == f"Bearer {sys.argv[2]}"
        if body.get("choice") == "/greet":
            self._send({"replies": [{"text": "hello", "label": "greet"}], "understood": {}, "state": {}})
            return
        time.sleep(random.uniform(0, 0.03))
        count = body["state"].get("count", 0) + 1
        reply = {"text": f"{count}: answer to {body['text']}", "label": "faq/cart_duration"}
        self._send({"replies": [reply], "understood": {}, "state": {"count": count}})

    def _send(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
