#!/usr/bin/python3
"""Makes AWS calls through Debian's own clients, unmodified, in one process: `calls.py awscli URL` or `calls.py boto3 URL`.

Reads one JSON object a line, {"service", "operation", "input"}, and answers each with one: {"output"}, {"code", "message"} or
{"unknown": true} for an operation that the client is too old to know. Blobs are Base64 in both directions.
"""
import base64
import contextlib
import datetime
import io
import json
import re
import sys

REFUSAL = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation[^:]*: (.*)", re.DOTALL)


class AwsCli:
    """The program `aws`, called as its own main does it, without starting Python for each call."""

    def __init__(self, url):
        import awscli.clidriver
        from awscli.botocore import xform_name

        self.driver = awscli.clidriver.create_clidriver()
        self.command = xform_name
        self.url = url

    def call(self, service, operation, parameters):
        if operation not in self.driver.session.get_service_model(service).operation_names:
            return {"unknown": True}
        line = [service, self.command(operation, "-"), "--endpoint-url", self.url, "--output", "json",
                "--cli-input-json", json.dumps(parameters)]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = self.driver.main(line)
        if code == 0:
            text = out.getvalue().strip()
            return {"output": json.loads(text) if text else {}}
        refused = REFUSAL.search(err.getvalue())
        if not refused:
            return {"code": "client", "message": f"exit code {code}: {err.getvalue()}"}
        return {"code": refused.group(1), "message": refused.group(2).strip()}


class Boto3:
    def __init__(self, url):
        import boto3

        self.boto3 = boto3
        self.url = url
        self.clients = {}

    def call(self, service, operation, parameters):
        import botocore.exceptions
        from botocore import xform_name

        client = self.clients.get(service)
        if client is None:
            client = self.clients[service] = self.boto3.client(service, endpoint_url=self.url)
        model = client.meta.service_model
        if operation not in model.operation_names:
            return {"unknown": True}
        shapes = model.operation_model(operation)
        try:
            answer = getattr(client, xform_name(operation))(**self.sent(parameters, shapes.input_shape))
        except botocore.exceptions.ClientError as e:
            return {"code": e.response["Error"]["Code"], "message": e.response["Error"].get("Message", "")}
        except botocore.exceptions.BotoCoreError as e:
            return {"code": "client", "message": str(e)}
        answer.pop("ResponseMetadata", None)
        return {"output": self.got(answer)}

    def sent(self, value, shape):
        if shape is not None and shape.type_name == "blob":
            return base64.b64decode(value)
        if isinstance(value, dict):
            return {name: self.sent(member, shape.members.get(name) if shape.type_name == "structure" else None)
                    for name, member in value.items()}
        return value

    def got(self, value):
        if isinstance(value, dict):
            return {name: self.got(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.got(element) for element in value]
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        return value.isoformat() if isinstance(value, datetime.datetime) else value


def main():
    client = {"awscli": AwsCli, "boto3": Boto3}[sys.argv[1]](sys.argv[2])
    answers = sys.stdout
    for line in sys.stdin:
        question = json.loads(line)
        answer = client.call(question["service"], question["operation"], question["input"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
